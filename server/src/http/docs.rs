//! The API in its own words: the document, and a viewer that loads nothing from elsewhere.

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
    description = "Every write is carried out once: asked again with the same `Idempotency-Key`, it answers the same \
                   and changes nothing. Each change of a board is an event of the project's log, and reaches every \
                   socket. A client may name the user whom it acts for in `Lockstep-User`: the session of another one is \
                   refused with 409 `other_user`. Errors are `{\"error\":{\"code\",\"message\",\"field\"}}` with a stable code."
))]
struct Frame;

/// The empty document that the resources are written into.
pub(super) fn document() -> OpenApi {
    Frame::openapi()
}

/// Adds what all operations have in common: the session, and the op id of writes.
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

/// The document at `/api/openapi.json` and its viewer at `/api/docs`.
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
        .description(Some("The op id, a UUIDv7 made once for this wish and kept over every retry."))
        .schema(Some(uuid))
        .build()
}
