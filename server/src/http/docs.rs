//! The OpenAPI document, and a viewer that loads nothing from other sites.

use axum::Router;
use utoipa::{
    OpenApi as _,
    openapi::{
        KnownFormat, ObjectBuilder, OpenApi, Required, SchemaFormat, Type,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_swagger_ui::SwaggerUi;

use super::session;

const COOKIE: &str = "session";

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Lockstep",
    description = "Every write is executed once: repeated with the same `Idempotency-Key`, it gets the same response \
                   and changes nothing. Every change of a board is an event in the log of its project, and is sent to every \
                   socket. A client may name its user in `Lockstep-User`: the session of another user is \
                   refused with 409 `other_user`. Errors are `{\"error\":{\"code\",\"message\",\"field\"}}` with a stable code."
))]
struct Frame;

/// The document without resources.
pub(super) fn document() -> OpenApi {
    Frame::openapi()
}

/// Adds what all operations share: the session, and the op id of writes.
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        let open = path.starts_with("/api/auth/");
        let reads = [&mut item.get].into_iter().flatten().map(|operation| (operation, false));
        let writes = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        let writes = writes.into_iter().flatten().map(|operation| (operation, true));
        for (operation, write) in reads.chain(writes) {
            if !open {
                operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(COOKIE, [])]);
            }
            if write && !open {
                add(operation, idempotency_key());
            }
        }
    }
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(session::PLAIN)));
    document.components.get_or_insert_default().add_security_scheme(COOKIE, cookie);
    document
}

/// Serves the document at `/api/openapi.json` and its viewer at `/api/docs`.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(document: OpenApi) -> Router<S> {
    SwaggerUi::new("/api/docs").url("/api/openapi.json", document).into()
}

fn add(operation: &mut Operation, parameter: Parameter) {
    operation.parameters.get_or_insert_default().push(parameter.into());
}

fn idempotency_key() -> Parameter {
    let uuid =
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The op id: a UUIDv7, created once per op and repeated with every retry."))
        .schema(Some(uuid))
        .build()
}
