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
    /// The form that it is sent in to whoever asks for none.
    pub form: Form,
    /// What its health answers, where that is a sentence of its own clients and not the platform's.
    pub health: Option<&'static str>,
}

/// A form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As JSON.
    Json,
    /// As YAML.
    Yaml,
}

/// Every document, in the order in which the whole shows them.
pub const DOCUMENTS: &[Document] = &[
    Document {
        context: "identity",
        mount: "/api/auth",
        title: "Mercato identity",
        json: include_str!("../../../infra/openapi/identity.json"),
        form: Form::Json,
        health: None,
    },
    Document {
        context: "loyalty",
        mount: "/api/loyalty",
        title: "Mercato loyalty",
        json: include_str!("../../../infra/openapi/loyalty.json"),
        form: Form::Yaml,
        health: Some(
            r#"{"success":true,"message":"CRM API is running","version":"1.0.0","status":"healthy"}"#,
        ),
    },
    Document {
        context: "prepaid",
        mount: "/api/prepaid",
        title: "Mercato prepaid",
        json: include_str!("../../../infra/openapi/prepaid.json"),
        form: Form::Json,
        health: Some(r#"{"status":"healthy","django":"running"}"#),
    },
];

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

    /// The form that its document is sent in to whoever asks for none.
    pub(crate) fn form(self) -> Form {
        match self {
            Self::Whole => Form::Json,
            Self::One(document) => document.form,
        }
    }

    /// What its health answers instead of telling of the platform.
    pub(crate) fn health(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::One(document) => document.health,
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
