use std::collections::BTreeMap;
use std::fmt;

use crate::source::target;
use crate::{Mistake, Resources};

/// One route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method, or `ANY`.
    pub method: String,
    /// The path with its variables: `/api/auth/{proxy+}`.
    pub path: String,
}

/// How well a segment fits, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    Exact,
    Variable,
    Greedy,
}

impl Route {
    /// How well the route fits a request; none if it does not fit at all.
    ///
    /// Exact segments go before variables, those before a greedy one, and a named method before `ANY`.
    pub(crate) fn rank(&self, method: &str, path: &str) -> Option<(Vec<Fit>, bool)> {
        let any = self.method == "ANY";
        if !any && !self.method.eq_ignore_ascii_case(method) {
            return None;
        }
        let mut asked = segments(path);
        let mut fits = Vec::new();
        for segment in segments(&self.path) {
            let given = asked.next()?;
            match variable(segment) {
                Some((_, true)) => {
                    fits.push(Fit::Greedy);
                    return Some((fits, any));
                }
                Some(_) if !given.is_empty() => fits.push(Fit::Variable),
                None if segment == given => fits.push(Fit::Exact),
                _ => return None,
            }
        }
        asked.next().is_none().then_some((fits, any))
    }

    /// What the route's variables stand for in a path that it fits.
    pub fn variables(&self, path: &str) -> BTreeMap<String, String> {
        let asked: Vec<_> = segments(path).collect();
        let named = |(place, segment)| {
            let (name, greedy) = variable(segment)?;
            let end = if greedy { asked.len() } else { place + 1 };
            Some((name.to_owned(), asked.get(place..end)?.join("/")))
        };
        segments(&self.path).enumerate().filter_map(named).collect()
    }
}

/// The route key of a Lambda event: `ANY /api/auth/{proxy+}`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The routes to a function: each names an integration of the gateway, and that the alias of the function.
pub(crate) fn all_to(function: &str, resources: &Resources) -> Result<Vec<Route>, Mistake> {
    let alias = format!("{function}.Alias");
    let routes = resources.iter().filter(|(_, resource)| resource.kind == "AWS::ApiGatewayV2::Route");
    let mut found = Vec::new();
    for (id, route) in routes {
        let properties = &route.properties;
        let leads_to = target(&properties["Target"])
            .and_then(|integration| target(&resources.get(&integration)?.properties["IntegrationUri"]))
            .ok_or_else(|| Mistake::at(id, "leads to no function of ours"))?;
        if leads_to == alias {
            let key = properties["RouteKey"].as_str().and_then(|key| key.split_once(' '));
            let (method, path) = key.ok_or_else(|| Mistake::at(id, "has no method and path"))?;
            found.push(Route { method: method.to_owned(), path: path.to_owned() });
        }
    }
    Ok(found)
}

/// A slash at the end is an empty last segment, as it is to the gateway: `/a/` is below `/a`, not the same.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').split('/')
}

/// The name in `{name}` or `{name+}`, and whether it takes all the rest.
fn variable(segment: &str) -> Option<(&str, bool)> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    Some(name.strip_suffix('+').map_or((name, false), |name| (name, true)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn best<'a>(routes: &[&'a str], method: &str, path: &str) -> Option<&'a str> {
        let ranked = routes.iter().filter_map(|key| {
            let (verb, route) = key.split_once(' ')?;
            let route = Route { method: verb.to_owned(), path: route.to_owned() };
            Some((route.rank(method, path)?, *key))
        });
        ranked.min_by(|a, b| a.0.cmp(&b.0)).map(|(_, key)| key)
    }

    #[test]
    fn a_route_leads_to_a_function_by_an_integration() {
        let resource = |kind: &str, properties: Value| crate::Resource {
            kind: format!("AWS::ApiGatewayV2::{kind}"),
            stack: String::new(),
            retained: false,
            properties,
            metadata: Value::Null,
        };
        let target = json!({ "Fn::Join": ["", ["integrations/", { "Ref": "Hand" }]] });
        let route = json!({ "RouteKey": "ANY /api/x", "Target": target });
        let mut resources = Resources::from([
            ("Hand".to_owned(), resource("Integration", json!({ "IntegrationUri": { "Ref": "X.Alias" } }))),
            ("Route".to_owned(), resource("Route", route)),
        ]);
        let found = all_to("X", &resources).unwrap();
        assert_eq!(found.iter().map(Route::to_string).collect::<Vec<_>>(), ["ANY /api/x"]);
        assert_eq!(all_to("Y", &resources).unwrap(), []);
        resources.remove("Hand");
        assert!(all_to("X", &resources).unwrap_err().to_string().contains("no function of ours"));
    }

    #[test]
    fn the_most_specific_route_wins() {
        let routes = [
            "ANY /{proxy+}",
            "GET /pets/{proxy+}",
            "GET /pets/dog/{id}",
            "GET /pets/dog/1",
            "ANY /pets/dog/1",
        ];
        assert_eq!(best(&routes, "GET", "/pets/dog/1"), Some("GET /pets/dog/1"));
        assert_eq!(best(&routes, "PUT", "/pets/dog/1"), Some("ANY /pets/dog/1"));
        assert_eq!(best(&routes, "GET", "/pets/dog/2"), Some("GET /pets/dog/{id}"));
        assert_eq!(best(&routes, "GET", "/pets/cat/3/food"), Some("GET /pets/{proxy+}"));
        assert_eq!(best(&routes, "POST", "/test/5"), Some("ANY /{proxy+}"));
    }

    #[test]
    fn a_greedy_route_wants_something_below() {
        let routes = ["ANY /api/auth/{proxy+}"];
        assert_eq!(best(&routes, "GET", "/api/auth"), None);
        assert_eq!(best(&routes, "GET", "/api/authors"), None);
        assert_eq!(best(&routes, "GET", "/api/auth/login/"), Some("ANY /api/auth/{proxy+}"));
        assert_eq!(best(&["ANY /api/health"], "GET", "/api/health/"), None);
        assert_eq!(best(&["ANY /api/{id}"], "GET", "/api/"), None);
    }

    #[test]
    fn variables_are_read() {
        let route = Route { method: "ANY".into(), path: "/a/{id}/{proxy+}".into() };
        let expected =
            [("id", "7"), ("proxy", "b/c/")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(route.variables("/a/7/b/c/"), expected.into());
        assert_eq!(route.to_string(), "ANY /a/{id}/{proxy+}");
    }
}
