//! The two questions of OpenID Connect's code flow: where does a browser go, and who came back?

use super::{
    Person,
    away::{self, Failed},
    claims::{self, Extra, Told},
    discovery::Kept,
    github,
    http::Http,
    preset::{Protocol, Vouching},
    provider::Provider,
    verify,
};
use chrono::{DateTime, Utc};
use openidconnect::{
    AuthType, AuthUrl, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims,
    EmptyExtraTokenFields, EndpointNotSet, EndpointSet, IdToken, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _, TokenUrl, UserInfoClaims, UserInfoError,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};

/// An ID token with the claims that we know.
pub(super) type Token = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Fields = IdTokenFields<
    Extra,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Refusal = StandardErrorResponse<CoreErrorResponseType>;
type Client = openidconnect::Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    Refusal,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// What we keep of a question until its answer.
#[derive(Serialize, Deserialize)]
pub(super) struct Secrets {
    nonce: String,
    verifier: String,
}

/// A question, as the browser carries it.
pub(super) struct Question {
    pub(super) url: String,
    pub(super) state: String,
    pub(super) secrets: Secrets,
}

/// Where a provider answers.
struct Places {
    authorize: AuthUrl,
    token: TokenUrl,
    /// Whether our secret goes into the body instead of a header.
    in_body: bool,
    keys: CoreJsonWebKeySet,
}

/// Where a browser goes. Errors: [`Failed`] of the provider's description.
pub(super) async fn ask(provider: &Provider, http: &Http) -> Result<Question, Failed> {
    let places = match provider.protocol {
        Protocol::OpenId => openid(&*provider.described.get(provider, http).await?)?,
        Protocol::Github => github(provider)?,
    };
    let client = client(provider, places)?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
    let mut request =
        client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
    // The library adds `openid` itself, where it belongs.
    for scope in provider.scopes.iter().filter(|scope| *scope != "openid") {
        request = request.add_scope(Scope::new(scope.clone()));
    }
    let (url, state, nonce) = request.url();
    let secrets = Secrets { nonce: nonce.secret().clone(), verifier: verifier.into_secret() };
    Ok(Question { url: url.into(), state: state.into_secret(), secrets })
}

/// Who came back with this code of the provider's. `issuer` is who the answer says it is from, where it says so (RFC 9207).
/// Errors: [`Failed`].
pub(super) async fn answer(
    provider: &Provider,
    http: &Http,
    code: String,
    issuer: &str,
    secrets: Secrets,
    now: DateTime<Utc>,
) -> Result<Person, Failed> {
    let Secrets { nonce, verifier } = secrets;
    if provider.protocol == Protocol::Github {
        let tokens = tokens(&client(provider, github(provider)?)?, http, code, verifier).await?;
        return github::person(provider, http, tokens.access_token().secret()).await;
    }
    let kept = provider.described.get(provider, http).await?;
    let described = kept.metadata.issuer().as_str();
    if !issuer.is_empty() && issuer != described && !verify::is_template(described) {
        return Err(Failed::Wrong("the answer is of another issuer than the question".to_owned()));
    }
    let client = client(provider, openid(&kept)?)?;
    let tokens = tokens(&client, http, code, verifier).await?;
    let token = tokens.id_token().ok_or_else(|| Failed::Wrong("there is no ID token in the answer".to_owned()))?;
    let asked = verify::Asked { provider, access_token: tokens.access_token(), nonce: &Nonce::new(nonce), now };
    let claims = match verify::verify(&kept, token, &asked) {
        Err(Failed::UnknownKey) => {
            let newer = provider.described.newer(&kept, provider, http).await?;
            verify::verify(&newer, token, &asked)?
        }
        outcome => outcome?,
    };
    let name = |name: Option<&openidconnect::LocalizedClaim<openidconnect::EndUserName>>| {
        name.and_then(|all| all.get(None).or_else(|| all.iter().next().map(|(_, name)| name))).map(|n| n.to_string())
    };
    let mut told = Told {
        email: claims.email().map(|email| email.to_string()),
        is_verified: claims.email_verified() == Some(true),
        name: name(claims.name()),
    };
    // What vouches for an address of Google's or Microsoft's is a claim of the signed token, which speaks of the address beside it.
    let asks = provider.vouching == Vouching::Claim && told.email.is_none();
    if let (true, Some(url)) = (asks, kept.metadata.userinfo_endpoint()) {
        let client = client.set_user_info_url(url.clone());
        let request = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
        let info: UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim> =
            request.request_async(http).await.map_err(of_user_info)?;
        told = Told {
            email: info.email().map(|email| email.to_string()),
            is_verified: info.email_verified() == Some(true),
            name: name(info.name()).or(told.name),
        };
    }
    let (issuer, subject) = (claims.issuer().to_string(), claims.subject().to_string());
    Ok(claims::person(provider, issuer, subject, told, claims.additional_claims()))
}

async fn tokens(client: &Client, http: &Http, code: String, verifier: String) -> Result<Tokens, Failed> {
    let request = client.exchange_code(AuthorizationCode::new(code));
    let request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier));
    request.request_async(http).await.map_err(|why: RequestTokenError<Failed, Refusal>| match why {
        RequestTokenError::Request(failed) => failed,
        RequestTokenError::ServerResponse(refusal) if *refusal.error() == CoreErrorResponseType::InvalidGrant => {
            Failed::CodeRefused
        }
        // Its description is anybody's text.
        RequestTokenError::ServerResponse(refusal) => {
            Failed::Wrong(format!("the code was not taken: {}", away::word(refusal.error().as_ref())))
        }
        RequestTokenError::Parse(why, _) => {
            Failed::Wrong(format!("the answer to the code cannot be read: {}", away::place(why.inner())))
        }
        RequestTokenError::Other(why) => Failed::Wrong(format!("the answer to the code cannot be used: {why}")),
    })
}

fn of_user_info(why: UserInfoError<Failed>) -> Failed {
    match why {
        UserInfoError::Request(failed) => failed,
        UserInfoError::Response(status, ..) => Failed::Wrong(format!("its user information: answered {status}")),
        other => Failed::Wrong(format!("its user information: {other}")),
    }
}

fn openid(kept: &Kept) -> Result<Places, Failed> {
    let metadata = &kept.metadata;
    let token = metadata.token_endpoint().cloned();
    let token = token.ok_or_else(|| Failed::Wrong("the description has no token_endpoint".to_owned()))?;
    let methods = metadata.token_endpoint_auth_methods_supported();
    let in_body = methods.is_some_and(|methods| {
        !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
            && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
    });
    Ok(Places { authorize: metadata.authorization_endpoint().clone(), token, in_body, keys: kept.keys.clone() })
}

fn github(provider: &Provider) -> Result<Places, Failed> {
    let places = github::places(provider);
    let wrong = |why: openidconnect::url::ParseError| Failed::Wrong(why.to_string());
    let (authorize, token) =
        (AuthUrl::new(places.authorize).map_err(wrong)?, TokenUrl::new(places.token).map_err(wrong)?);
    Ok(Places { authorize, token, in_body: true, keys: CoreJsonWebKeySet::new(vec![]) })
}

fn client(provider: &Provider, places: Places) -> Result<Client, Failed> {
    let wrong = |why: openidconnect::url::ParseError| Failed::Wrong(why.to_string());
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(wrong)?;
    let callback = RedirectUrl::new(provider.callback.clone()).map_err(wrong)?;
    let mut client = openidconnect::Client::new(ClientId::new(provider.client_id.clone()), issuer, places.keys)
        .set_auth_uri(places.authorize)
        .set_token_uri(places.token)
        .set_redirect_uri(callback);
    if let Some(secret) = &provider.client_secret {
        client = client.set_client_secret(ClientSecret::new(secret.expose().to_owned()));
    }
    if places.in_body {
        client = client.set_auth_type(AuthType::RequestBody);
    }
    Ok(match provider.protocol {
        Protocol::OpenId => client,
        Protocol::Github => client.disable_openid_scope(),
    })
}
