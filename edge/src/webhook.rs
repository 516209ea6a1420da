//! How does what payment providers tell by themselves reach billing? As it came: what it says, and whether it is from them,
//! billing finds out.

use crate::{
    app::{App, Shared},
    auth::Anyone,
    body::{self, Bounds},
    config::ClientCertificate,
    error::{Error, Result},
    json,
    layer::certificate,
    query::Query,
};
use axum::{
    extract::{FromRequest, FromRequestParts, Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, request::Parts};
use proto::{Call, Reason, billing::ReceiveNotificationRequest};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What is larger is from none of them: their notifications have a few kilobytes.
const MAX_BODY: usize = 256 * 1024;
const STRIPE_SIGNATURE: HeaderName = HeaderName::from_static("stripe-signature");

/// The query of an address that a provider was told. Providers add to it what they like: other parameters are not refused.
/// The access log and traces have routes in place of addresses, so that the secret stays out of them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Told {
    /// The secret that the address had when Efí was told it.
    hmac: Option<String>,
}

/// Efí, as far as a certificate tells that a proxy has verified; whoever it is, where none is asked for.
pub(crate) struct Certified;

impl FromRequestParts<Shared> for Certified {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        match app.config.efi_client_certificate {
            ClientCertificate::Required if !certificate::is_verified(&parts.headers) => {
                let message = "this address is for Efí only, which shows its certificate to the proxy in front of us";
                Err(Reason::PermissionDenied.with(message).into())
            }
            ClientCertificate::Off | ClientCertificate::Required => Ok(Self),
        }
    }
}

/// A body of any kind, byte for byte: that is what is signed.
pub(crate) struct Sent(Bytes);

impl FromRequest<Shared> for Sent {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Shared) -> Result<Self> {
        let bounds = Bounds { size: MAX_BODY, time: app.config.body_timeout() };
        let (parts, body) = request.into_parts();
        body::read(&parts.headers, body, bounds).await.map(Self)
    }
}

/// The routes. Providers are told their addresses, so that these have one place, at the root.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(receive_stripe))
        .routes(routes!(receive_efi_pix))
        .routes(routes!(receive_efi_pix_appended))
        .routes(routes!(receive_efi_charges))
}

/// Take an event of Stripe.
///
/// This is the URL of the webhook endpoint in Stripe's dashboard. The same event again changes nothing.
#[utoipa::path(post, path = "/webhooks/stripe", tag = "Webhooks", security(()),
    request_body(content = Object, content_type = "application/json", description = "Stripe's event; at most 256 KiB"),
    params(("Stripe-Signature" = Option<String>, Header, description = "Proves that the event is from Stripe")),
    responses((status = 200, description = "It is kept; an empty object", body = Object),
        (status = 403, description = "Nothing proves that it is from Stripe"),
        (status = 404, description = "This installation does not use Stripe")))]
pub(crate) async fn receive_stripe(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<Response> {
    let signature = headers.get(STRIPE_SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signature = signature.to_owned();
    pass_on(&app, &call, ReceiveNotificationRequest { body, signature, ..of("stripe") }).await
}

/// Take a webhook of Efí's API Pix.
///
/// Register `…/webhooks/efi/pix?hmac=SECRET&ignorar=`: Efí appends `/pix` to what is registered, and without the last parameter
/// to the secret. The same webhook again changes nothing.
#[utoipa::path(post, path = "/webhooks/efi/pix", tag = "Webhooks", security(()), params(Told),
    request_body(content = Object, content_type = "application/json", description = "Efí's webhook; at most 256 KiB"),
    responses((status = 200, description = "It is kept; an empty object", body = Object),
        (status = 403, description = "The secret is not the one of the configuration, or no certificate of Efí's was shown"),
        (status = 404, description = "This installation does not use Efí for PIX")))]
pub(crate) async fn receive_efi_pix(
    State(app): State<Shared>,
    _: Certified,
    Anyone(call): Anyone,
    Query(told): Query<Told>,
    Sent(body): Sent,
) -> Result<Response> {
    pass_on(&app, &call, told.request("efi.pix", body)).await
}

/// Take a webhook of Efí's API Pix, where Efí has appended `/pix` to the path.
#[utoipa::path(post, path = "/webhooks/efi/pix/pix", tag = "Webhooks", security(()), params(Told),
    request_body(content = Object, content_type = "application/json", description = "Efí's webhook; at most 256 KiB"),
    responses((status = 200, description = "It is kept; an empty object", body = Object),
        (status = 403, description = "The secret is not the one of the configuration, or no certificate of Efí's was shown"),
        (status = 404, description = "This installation does not use Efí for PIX")))]
pub(crate) async fn receive_efi_pix_appended(
    app: State<Shared>,
    certified: Certified,
    anyone: Anyone,
    told: Query<Told>,
    sent: Sent,
) -> Result<Response> {
    receive_efi_pix(app, certified, anyone, told, sent).await
}

/// Take a notification of Efí's API of charges.
///
/// It holds a token only: Efí is asked what that stands for.
#[utoipa::path(post, path = "/webhooks/efi/charges", tag = "Webhooks", security(()), params(Told),
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
        description = "Efí's form, `notification=…`; at most 256 KiB"),
    responses((status = 200, description = "It is kept; an empty object", body = Object),
        (status = 403, description = "It does not prove that it is from Efí"),
        (status = 404, description = "This installation does not use Efí for boletos")))]
pub(crate) async fn receive_efi_charges(
    State(app): State<Shared>,
    _: Certified,
    Anyone(call): Anyone,
    Query(told): Query<Told>,
    Sent(body): Sent,
) -> Result<Response> {
    pass_on(&app, &call, told.request("efi.charges", body)).await
}

impl Told {
    fn request(self, channel: &str, body: Bytes) -> ReceiveNotificationRequest {
        ReceiveNotificationRequest { body, secret: self.hmac.unwrap_or_default(), ..of(channel) }
    }
}

fn of(channel: &str) -> ReceiveNotificationRequest {
    ReceiveNotificationRequest { channel: channel.to_owned(), ..ReceiveNotificationRequest::default() }
}

async fn pass_on(app: &App, call: &Call, notification: ReceiveNotificationRequest) -> Result<Response> {
    app.services.billing.receive_notification(call, notification).await?;
    Ok(json::encoded(Bytes::from_static(b"{}")))
}
