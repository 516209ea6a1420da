//! The way through an SMTP server (RFC 5321).

use crate::{Error, Smtp, Tls};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{
        PoolConfig,
        authentication::Credentials,
        client::{Tls as Protection, TlsParameters},
    },
};
use std::time::Duration;

pub(crate) type Server = AsyncSmtpTransport<Tokio1Executor>;

/// The server of the settings; None where they name none. Errors: [`Error::Config`].
pub(crate) fn server(config: &Smtp) -> Result<Option<Server>, Error> {
    let Some(host) = config.host.as_deref().filter(|host| !host.is_empty()) else { return Ok(None) };
    let refuse = |why: &str| Err(Error::Config(why.to_owned()));
    if config.username.is_some() != config.password.is_some() {
        return refuse("mail.smtp.username and mail.smtp.password go together: set both, or neither");
    }
    if config.username.is_some() && config.tls == Tls::None && !is_here(host) {
        return refuse("mail.smtp.tls is none, which would send the password in clear: use starttls or implicit");
    }
    if !(1..=600).contains(&config.timeout_seconds) {
        return refuse("mail.smtp.timeout_seconds is from 1 to 600");
    }
    let parameters = || {
        TlsParameters::new_rustls(host.to_owned()).map_err(|error| Error::Config(format!("mail.smtp.host: {error}")))
    };
    let (protection, usual) = match config.tls {
        Tls::Starttls => (Protection::Required(parameters()?), 587),
        Tls::Implicit => (Protection::Wrapper(parameters()?), 465),
        Tls::None => (Protection::None, 25),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(config.port.unwrap_or(usual))
        .tls(protection)
        .timeout(Some(Duration::from_secs(config.timeout_seconds)))
        .pool_config(PoolConfig::new().max_size(4));
    if let (Some(username), Some(password)) = (&config.username, &config.password) {
        builder = builder.credentials(Credentials::new(username.clone(), password.expose().to_owned()));
    }
    Ok(Some(builder.build()))
}

/// Hands a message over. Errors: [`Error::Never`] for what the server refuses for good, else [`Error::Later`].
pub(crate) async fn send(server: &Server, message: Message) -> Result<(), Error> {
    match server.send(message).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_permanent() => Err(Error::Never(error.to_string())),
        Err(error) => Err(Error::Later(error.to_string())),
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    // A connection pool looks for a runtime.
    #[tokio::test]
    async fn settings_that_would_tell_a_password_to_the_network_are_refused() {
        let smtp = Smtp {
            host: Some("mail.example.com".to_owned()),
            username: Some("ana".to_owned()),
            password: Some("secret".into()),
            tls: Tls::None,
            ..Smtp::default()
        };
        assert!(matches!(server(&smtp), Err(Error::Config(why)) if why.contains("starttls")));
        let alone = Smtp { password: None, ..smtp.clone() };
        assert!(matches!(server(&alone), Err(Error::Config(why)) if why.contains("go together")));
        assert!(server(&Smtp::default()).unwrap().is_none());
        assert!(server(&Smtp { host: Some("localhost".to_owned()), ..smtp }).unwrap().is_some());
    }
}
