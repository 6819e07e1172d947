//! The parameters of a list, as its document shows them.

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Required};
use wire::{PageLimits, PageQuery, Query};

use super::Collection;
use super::filter::Shape;
use super::order::Order;

impl<R> Collection<R> {
    /// Appends the list's parameters to an operation; those it already names stay as they are.
    pub fn describe(&self, operation: &mut Operation) {
        let known = operation.parameters.get_or_insert_default();
        for parameter in self.parameters() {
            let same = |other: &RefOr<Parameter>| match other {
                RefOr::T(other) => other.name == parameter.name && other.parameter_in == ParameterIn::Query,
                RefOr::Ref(_) => false,
            };
            if !known.iter().any(same) {
                known.push(RefOr::T(parameter));
            }
        }
    }

    /// The list's parameters.
    pub fn parameters(&self) -> Vec<Parameter> {
        let filters = self.filters.iter().map(|filter| {
            let schema = match filter.shape() {
                Shape::Text => of(Type::String),
                Shape::OneOf(names) => of(Type::String).enum_values(Some(names)),
                Shape::Flag => of(Type::Boolean),
                Shape::Whole => of(Type::Integer),
                Shape::Amount => of(Type::String).format(Some(SchemaFormat::Custom("decimal".to_owned()))),
                Shape::Time => of(Type::String).format(Some(SchemaFormat::Custom("date-time".to_owned()))),
            };
            parameter(filter.name(), filter.sentence(), schema)
        });
        let search = self.search.iter().map(|_| {
            let about =
                "Finds rows with words that begin like each of these, without regard to case and accents.";
            parameter("search", about, of(Type::String))
        });
        let ordering = (!self.orders.is_empty()).then(|| {
            let names: Vec<&str> = self.orders.iter().map(Order::name).collect();
            let about =
                format!("Names out of {}, with commas between; `-` turns one round.", names.join(", "));
            let schema = of(Type::String).default(Some(self.default_order.into()));
            parameter("ordering", &about, schema)
        });
        let page = "The number of a page, from 1, or `last`. Links are cheaper than numbers.";
        let cursor = "Where to go on, as the links `next` and `previous` carry it.";
        filters
            .chain(search)
            .chain(ordering)
            .chain([parameter("page", page, of(Type::String).default(Some("1".into())))])
            .chain(self.page_size())
            .chain([parameter("cursor", cursor, of(Type::String))])
            .collect()
    }

    fn page_size(&self) -> Option<Parameter> {
        let (default, most) = (size(self.limits, ""), size(self.limits, "page_size=4294967295"));
        let schema = of(Type::Integer).minimum(Some(1)).maximum(Some(most)).default(Some(default.into()));
        (default != most).then(|| parameter("page_size", "How many entries a page has.", schema))
    }
}

/// The size that a query gets.
fn size(limits: PageLimits, query: &str) -> u32 {
    PageQuery::read(&Query::parse(query), limits).map_or(0, |page| page.size)
}

fn of(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

fn parameter(name: &str, about: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description((!about.is_empty()).then_some(about))
        .schema(Some(schema))
        .build()
}
