//! The engine: dynoxide on a file, served on an inner port that only we call.

use std::net::SocketAddr;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode, Uri, header};
use axum::response::Response;
use dynoxide::Database;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::TableSpec;
use super::policy::Schema;
use crate::Error;
use crate::answer::{Refusal, json as answer_json};

/// The embedded database and the way to its wire protocol.
pub(super) struct Engine {
    pub(super) database: Database,
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
}

impl Engine {
    /// Opens the file, creates the table if need be and serves it on the runtime that the caller stands in.
    pub(super) fn open(file: &Path, schema: &Schema, spec: &TableSpec) -> Result<Engine, Error> {
        let path = file.to_str().ok_or_else(|| Error::new("the data folder's path is not Unicode"))?;
        let database = Database::new(path)?;
        ensure_table(&database, schema, spec)?;

        let socket = tokio::net::TcpSocket::new_v4()?;
        // Accepted connections inherit this from the listener.
        socket.set_nodelay(true)?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let listener = socket.listen(128)?;
        let address = listener.local_addr()?;
        let uri =
            Uri::try_from(format!("http://{address}/")).map_err(|error| Error::new(error.to_string()))?;
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));

        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Engine { database, client, uri })
    }

    /// Hands a request on as it came and streams the answer back.
    pub(super) async fn forward(&self, head: &Parts, body: Bytes) -> Response {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = head.headers.clone();
        for name in HOP_BY_HOP {
            request.headers_mut().remove(name);
        }
        match self.client.request(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                let broken = Refusal { status, code: "InternalServerError", message: error.to_string() };
                answer_json("application/x-amz-json-1.0", "com.amazonaws.dynamodb.v20120810#", Err(broken))
            }
        }
    }
}

/// What belongs to one connection or is set anew on the next.
const HOP_BY_HOP: [header::HeaderName; 4] =
    [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING];

fn ensure_table(database: &Database, schema: &Schema, spec: &TableSpec) -> Result<(), Error> {
    let name = &schema.table;
    if database.get_table_metadata(name)?.is_none() {
        let mut create = spec.create.clone();
        if let Some(create) = create.as_object_mut() {
            create.shift_remove("StreamSpecification");
        }
        database.create_table(request(create)?)?;
    }
    let described = database.describe_table(request(json!({ "TableName": name }))?)?;
    let found = Schema::read(&serde_json::to_value(described)?["Table"])?;
    if found != *schema {
        return Err(Error::new(format!(
            "the table {name:?} on file has other keys or indexes than the one asked for: delete the data folder"
        )));
    }
    if let Some(ttl) = &spec.ttl {
        enable_ttl(database, name, ttl)?;
    }
    Ok(())
}

fn enable_ttl(database: &Database, table: &str, attribute: &str) -> Result<(), Error> {
    let described = database.describe_time_to_live(request(json!({ "TableName": table }))?)?;
    let described = serde_json::to_value(described)?;
    if described["TimeToLiveDescription"]["AttributeName"] != attribute {
        database.update_time_to_live(request(json!({
            "TableName": table,
            "TimeToLiveSpecification": { "Enabled": true, "AttributeName": attribute },
        }))?)?;
    }
    Ok(())
}

/// A request of the engine's own type.
pub(super) fn request<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    Ok(serde_json::from_value(value)?)
}
