//! The `OpenAPI` documents that are served: one for each context.

/// The committed `OpenAPI` document of one context.
#[derive(Clone, Copy, Debug)]
pub struct Document {
    /// The context's name, as its crate spells it.
    pub context: &'static str,
    /// The path below which all of its operations lie.
    pub mount: &'static str,
    /// What its pages are called.
    pub title: &'static str,
    /// The document itself.
    pub json: &'static str,
}

/// Every document, in the order in which the whole shows them.
pub const DOCUMENTS: &[Document] = &[Document {
    context: "identity",
    mount: "/api/auth",
    title: "Mercato identity",
    json: include_str!("../../../infra/openapi/identity.json"),
}];

/// What a set of pages is about: the whole platform, or one context of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    /// Every context together.
    Whole,
    /// One context alone.
    One(&'static Document),
}

impl Scope {
    /// The whole, then each context.
    pub(crate) fn all() -> impl Iterator<Item = Scope> {
        std::iter::once(Self::Whole).chain(DOCUMENTS.iter().map(Self::One))
    }

    /// The path below which its pages lie.
    pub(crate) fn mount(self) -> &'static str {
        match self {
            Self::Whole => "/api",
            Self::One(document) => document.mount,
        }
    }

    /// What its pages are called.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Whole => "Mercato",
            Self::One(document) => document.title,
        }
    }
}
