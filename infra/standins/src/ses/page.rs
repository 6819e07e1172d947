//! The mailbox in a browser, and as JSON for scripts.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use minijinja::{Environment, Value, context};
use serde::Deserialize;

use super::{Mail, Mailbox};
use crate::Error;
use crate::answer::escape;

impl Mailbox {
    /// The mailbox at `/mailbox`, a mail at `/mailbox/<id>`, JSON at `/mailbox.json`; `?to=` narrows both
    /// lists.
    pub fn pages(&self) -> Router {
        Router::new()
            .route("/mailbox", get(list))
            .route("/mailbox.json", get(json))
            .route("/mailbox/clear", post(clear))
            .route("/mailbox/{id}", get(show))
            .with_state(self.clone())
    }

    fn find(&self, filter: &Filter) -> Result<Vec<Mail>, Error> {
        match filter.to.as_deref() {
            None | Some("") => self.list(SHOWN),
            Some(to) => self.to(to, SHOWN),
        }
    }
}

#[derive(Deserialize)]
struct Filter {
    to: Option<String>,
}

const SHOWN: usize = 200;

async fn list(State(mailbox): State<Mailbox>, Query(filter): Query<Filter>) -> Result<Response, Broken> {
    let mails: Vec<_> = mailbox.find(&filter)?.iter().map(line).collect();
    page(context! { mails, to => filter.to })
}

async fn json(
    State(mailbox): State<Mailbox>,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<Mail>>, Broken> {
    Ok(Json(mailbox.find(&filter)?))
}

async fn show(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Result<Response, Broken> {
    let Some(mail) = mailbox.get(&id)? else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let text = mail.text.as_deref().map(|text| Value::from_safe_string(linked(text)));
    // Links open in a tab of their own; the sandbox lets the mail do nothing else.
    let html = mail.html.as_ref().map(|html| format!("<base target=\"_blank\">{html}"));
    let Mail { configuration_set, tags, headers, .. } = mail.clone();
    page(context! { mail => line(&mail), configuration_set, tags, headers, text, html })
}

async fn clear(State(mailbox): State<Mailbox>) -> Result<Redirect, Broken> {
    mailbox.clear()?;
    Ok(Redirect::to("/mailbox"))
}

/// What a list shows of a mail.
fn line(mail: &Mail) -> Value {
    let at = mail.at.to_string();
    context! {
        id => &mail.id,
        from => &mail.from,
        to => mail.to.iter().chain(&mail.cc).chain(&mail.bcc).cloned().collect::<Vec<_>>().join(", "),
        subject => &mail.subject,
        day => &at[..10],
        time => &at[11..19],
    }
}

/// Text as HTML whose web addresses are links.
fn linked(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let address = word.trim_end();
        let (address, rest) = address.split_at(address.trim_end_matches(['.', ',', ')', '>', ';']).len());
        let safe = escape(address);
        if address.starts_with("https://") || address.starts_with("http://") {
            write!(html, "<a href=\"{safe}\" target=\"_blank\" rel=\"noreferrer\">{safe}</a>")
                .expect("writing to a String cannot fail");
        } else {
            html.push_str(&safe);
        }
        html.push_str(&escape(rest));
        html.push_str(&word[word.trim_end().len()..]);
    }
    html
}

fn page(context: Value) -> Result<Response, Broken> {
    static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut templates = Environment::new();
        templates
            .add_template("mailbox.html", include_str!("mailbox.html"))
            .expect("the template is part of the program and was tried in its tests");
        templates
    });
    let template = TEMPLATES.get_template("mailbox.html").map_err(|error| Error::new(error.to_string()))?;
    let html = template.render(context).map_err(|error| Error::new(error.to_string()))?;
    Ok(([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response())
}

/// Nothing comes from elsewhere, and nothing runs.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'";

/// The mailbox could not be read.
struct Broken(Error);

impl From<Error> for Broken {
    fn from(error: Error) -> Broken {
        Broken(error)
    }
}

impl IntoResponse for Broken {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}
