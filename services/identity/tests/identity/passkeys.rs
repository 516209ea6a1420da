//! Passkeys, as their owners use them.

use crate::{app, device::Device, world::*};
use chrono::TimeDelta;
use identity::{
    Config,
    operators::{self, Host},
};
use proto::{Call, Failure, PlatformRole, Reason, identity::*};
use serde_json::Value;

impl World {
    pub async fn begin_passkey(&self, call: &Call, password: &str) -> Result<String, Failure> {
        let request = BeginPasskeyRequest { password: password.to_owned() };
        self.identity.begin_passkey(call, request).await.map(|begun| begun.options).map_err(failure)
    }

    pub async fn add_passkey(&self, call: &Call, made: &Value) -> Result<Passkey, Failure> {
        let request = AddPasskeyRequest { name: "Phone".to_owned(), credential: made.to_string() };
        let added = self.identity.add_passkey(call, request).await.map_err(failure)?;
        Ok(added.passkey.expect("a passkey"))
    }

    /// A device with a passkey of whoever calls.
    pub async fn device_of(&self, call: &Call) -> (Device, Passkey) {
        let mut device = Device::new();
        let asked = self.begin_passkey(call, PASSWORD).await.expect("options");
        let passkey = self.add_passkey(call, &device.create(&asked)).await.expect("a passkey");
        (device, passkey)
    }

    /// Somebody whose address is confirmed.
    pub async fn confirmed(&self, email: &str) -> (Person, Call) {
        let person = self.sign_up(email).await;
        let letters = self.post.round(&self.service).await;
        let letter = letters.into_iter().find(|letter| letter.to == email && letter.text.contains("email/verify"));
        let token = letter.expect("a letter").token;
        let request = VerifyEmailRequest { token, ..Default::default() };
        self.identity.verify_email(&self.anonymous(), request).await.expect("a link that works");
        let call = self.call(&person.access).await;
        (person, call)
    }

    pub async fn ask_at_the_door(&self) -> String {
        let asked = self.identity.begin_passkey_sign_in(&self.anonymous(), BeginPasskeySignInRequest {}).await;
        asked.expect("options").options
    }

    pub async fn sign_in_as(&self, shown: &Value) -> Result<String, Failure> {
        self.sign_in_with(shown, self.anonymous()).await
    }

    pub async fn sign_in_with(&self, shown: &Value, call: Call) -> Result<String, Failure> {
        let request = SignInWithPasskeyRequest { credential: shown.to_string() };
        let opened = self.identity.sign_in_with_passkey(&call, request).await.map_err(failure)?;
        Ok(opened.tokens.expect("tokens").access_token)
    }

    pub async fn ask_in_session(&self, call: &Call) -> Result<String, Failure> {
        let asked = self.identity.begin_passkey_step_up(call, BeginPasskeyStepUpRequest {}).await;
        asked.map(|asked| asked.options).map_err(failure)
    }

    pub async fn show_in_session(&self, call: &Call, shown: &Value) -> Result<(), Failure> {
        let request = StepUpRequest { passkey: shown.to_string(), ..Default::default() };
        self.identity.step_up(call, request).await.map(drop).map_err(failure)
    }

    pub async fn passkeys(&self, call: &Call) -> Vec<Passkey> {
        self.identity.list_passkeys(call, ListPasskeysRequest {}).await.expect("a list").passkeys
    }

    pub async fn remove_passkey(&self, call: &Call, id: &str) -> Result<(), Failure> {
        let request = RemovePasskeyRequest { id: id.to_owned() };
        self.identity.remove_passkey(call, request).await.map(drop).map_err(failure)
    }

    async fn login_showing(&self, shown: &Value) -> Result<LoginResponse, Failure> {
        let request = LoginRequest { passkey: shown.to_string(), ..login_of(EMAIL, PASSWORD) };
        self.identity.login(&self.anonymous(), request).await.map_err(failure)
    }
}

#[tokio::test]
async fn a_passkey_is_made_and_signs_in_without_a_name_and_as_both_factors() {
    everywhere(async |world| {
        let (ana, call) = world.confirmed(EMAIL).await;
        assert_eq!(reason(world.begin_passkey(&call, "not the password").await), Reason::LoginFailed);
        let asked = world.begin_passkey(&call, PASSWORD).await.expect("options");
        let options: Value = serde_json::from_str(&asked).expect("JSON");
        assert_eq!((&options["rp"]["id"], &options["attestation"]), (&"api.example.com".into(), &"none".into()));
        let wish = &options["authenticatorSelection"];
        assert_eq!((&wish["residentKey"], &wish["userVerification"]), (&"required".into(), &"required".into()));
        assert_eq!(options["timeout"], 300_000);
        let mut device = Device::new();
        let added = world.add_passkey(&call, &device.create(&asked)).await.expect("a passkey");
        assert_eq!(
            (added.name.as_str(), added.transports.as_slice()),
            ("Phone", ["internal".into(), "hybrid".into()].as_slice())
        );
        assert_eq!(added.aaguid, "07070707-0707-0707-0707-070707070707");
        assert!(!added.backed_up && !added.backup_eligible && added.last_used_at.is_none(), "{added:?}");
        let letters = world.post.round(&world.service).await;
        assert!(letters.iter().any(|letter| letter.subject.contains("passkey")), "{letters:?}");

        world.later(TimeDelta::minutes(1));
        let asked = world.ask_at_the_door().await;
        let options: Value = serde_json::from_str(&asked).expect("JSON");
        assert_eq!(
            (&options["allowCredentials"], &options["userVerification"]),
            (&Value::Array(vec![]), &"required".into())
        );
        let access = world.sign_in_as(&device.get(&asked)).await.expect("a session");
        assert_eq!(world.resolve(&access).await.expect("a token").user_id, ana.user.id);
        let there = world.call(&access).await;
        let mfa = world.identity.get_mfa(&there, GetMfaRequest {}).await.expect("a state");
        assert!(mfa.shown_at.is_some() && mfa.enabled_at.is_none() && mfa.passkeys == 1, "{mfa:?}");
        let listed = world.passkeys(&there).await;
        assert!(listed.len() == 1 && listed[0].last_used_at.is_some(), "{listed:?}");
        let kinds = world.kinds().await;
        assert!(kinds.contains(&"user.passkey_added".to_owned()), "{kinds:?}");

        // A device that has one of this account is not asked for another.
        let asked: Value = serde_json::from_str(&world.begin_passkey(&call, PASSWORD).await.unwrap()).unwrap();
        assert_eq!(asked["excludeCredentials"][0]["id"], crate::device::encode(&device.id));
    })
    .await;
}

#[tokio::test]
async fn a_device_that_does_not_count_signs_in_again_and_again() {
    everywhere(async |world| {
        let (_, call) = world.confirmed(EMAIL).await;
        let mut device = Device { count: 0, ..Device::new() };
        let asked = world.begin_passkey(&call, PASSWORD).await.expect("options");
        world.add_passkey(&call, &device.create(&asked)).await.expect("a passkey");
        for _ in 0..3 {
            let shown = device.get(&world.ask_at_the_door().await);
            world.sign_in_as(&shown).await.expect("a session");
        }
    })
    .await;
}

#[tokio::test]
async fn a_passkey_stands_in_for_a_code_wherever_one_is_asked_for() {
    everywhere(async |world| {
        let (_, call) = world.confirmed(EMAIL).await;
        let (mut device, _) = world.device_of(&call).await;
        world.login(EMAIL, PASSWORD).await.expect("without an app nothing is asked for beside the password");
        let secret =
            world.identity.set_up_totp(&call, SetUpTotpRequest { password: PASSWORD.to_owned() }).await.unwrap();
        let code = app::code(&secret.secret, world.now());
        world.identity.confirm_totp(&call, ConfirmTotpRequest { code }).await.unwrap();

        let asked = world.login(EMAIL, PASSWORD).await.expect_err("the second factor is missing");
        assert_eq!((asked.reason, asked.get("methods")), (Reason::MfaRequired, Some("totp recovery_code passkey")));
        let shown = device.get(&world.ask_at_the_door().await);
        world.login_showing(&shown).await.expect("both factors");
        assert_eq!(reason(world.login_showing(&shown).await), Reason::MfaCodeInvalid, "once");
        let mut strange = Device::new();
        let shown = strange.get(&world.ask_at_the_door().await);
        assert_eq!(reason(world.login_showing(&shown).await), Reason::MfaCodeInvalid);
        let (_, eve) = world.confirmed("eve@example.com").await;
        let (mut of_eve, _) = world.device_of(&eve).await;
        let shown = of_eve.get(&world.ask_at_the_door().await);
        assert_eq!(reason(world.login_showing(&shown).await), Reason::MfaCodeInvalid, "it is somebody else's");

        let ask = SendMagicLinkRequest { email: EMAIL.to_owned() };
        world.identity.send_magic_link(&world.anonymous(), ask).await.unwrap();
        let letters = world.post.round(&world.service).await;
        let token = &letters.iter().find(|letter| letter.text.contains("magic-link")).expect("a letter").token;
        let passkey = device.get(&world.ask_at_the_door().await).to_string();
        let request = LoginWithMagicLinkRequest { token: token.clone(), passkey, ..Default::default() };
        world.identity.login_with_magic_link(&world.anonymous(), request).await.expect("both factors");
    })
    .await;
}

#[tokio::test]
async fn a_passkey_steps_up_in_the_session_that_asked() {
    everywhere(async |world| {
        let (_, call) = world.confirmed(EMAIL).await;
        assert_eq!(reason(world.ask_in_session(&call).await), Reason::NotFound);
        let (mut device, passkey) = world.device_of(&call).await;
        let other = world.login(EMAIL, PASSWORD).await.unwrap();
        let other = world.call(&other.access).await;
        world.later(TimeDelta::minutes(11));
        assert_eq!(reason(world.remove_passkey(&call, &passkey.id).await), Reason::StepUpRequired);

        let asked = world.ask_in_session(&call).await.expect("options");
        let options: Value = serde_json::from_str(&asked).unwrap();
        assert_eq!(options["allowCredentials"][0]["id"], crate::device::encode(&device.id));
        let shown = device.get(&asked);
        assert_eq!(reason(world.show_in_session(&other, &shown).await), Reason::MfaCodeInvalid, "another session");
        assert_eq!(reason(world.sign_in_as(&shown).await), Reason::LoginFailed, "not asked for at the door");
        let at_the_door = device.get(&world.ask_at_the_door().await);
        assert_eq!(reason(world.show_in_session(&call, &at_the_door).await), Reason::MfaCodeInvalid);
        let shown = device.get(&world.ask_in_session(&call).await.expect("options"));
        world.show_in_session(&call, &shown).await.expect("shown");
        assert_eq!(reason(world.show_in_session(&call, &shown).await), Reason::MfaCodeInvalid, "once");
        let rename = RenamePasskeyRequest { id: passkey.id.clone(), name: "Old phone".to_owned() };
        world.identity.rename_passkey(&call, rename).await.expect("another name");
        assert_eq!(world.passkeys(&call).await[0].name, "Old phone");
        let kinds = world.kinds().await;
        assert!(kinds.contains(&"session.stepped_up".to_owned()), "{kinds:?}");
    })
    .await;
}

#[tokio::test]
async fn a_removed_passkey_ends_other_sessions_and_the_last_way_in_stays() {
    everywhere(async |world| {
        let (_, call) = world.confirmed(EMAIL).await;
        let (mut device, passkey) = world.device_of(&call).await;
        let thief = world.sign_in_as(&device.get(&world.ask_at_the_door().await)).await.expect("a session");
        let (_, eve) = world.confirmed("eve@example.com").await;
        assert_eq!(reason(world.remove_passkey(&eve, &passkey.id).await), Reason::NotFound, "not hers");
        assert_eq!(reason(world.remove_passkey(&call, "nonsense").await), Reason::NotFound);
        world.remove_passkey(&call, &passkey.id).await.expect("the password opens the account");
        assert_eq!(reason(world.resolve(&thief).await), Reason::SessionEnded);
        world.identity.get_me(&call, GetMeRequest {}).await.expect("this one goes on");
        let shown = device.get(&world.ask_at_the_door().await);
        assert_eq!(reason(world.sign_in_as(&shown).await), Reason::LoginFailed);
        let letters = world.post.round(&world.service).await;
        assert!(letters.iter().any(|letter| letter.subject.contains("is gone")), "{letters:?}");
    })
    .await;
}

#[tokio::test]
async fn who_has_no_password_keeps_a_passkey() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        world.post.round(&world.service).await;
        let ask = SendMagicLinkRequest { email: EMAIL.to_owned() };
        world.identity.send_magic_link(&world.anonymous(), ask).await.unwrap();
        let token = world.post.round(&world.service).await.remove(0).token;
        // The first confirmation ends the password, which somebody else may have chosen.
        let request = LoginWithMagicLinkRequest { token, ..Default::default() };
        let opened = world.identity.login_with_magic_link(&world.anonymous(), request).await.unwrap();
        let call = world.call(&opened.tokens.expect("tokens").access_token).await;
        let mut device = Device::new();
        let asked = world.begin_passkey(&call, "").await.expect("the session was opened just now");
        let first = world.add_passkey(&call, &device.create(&asked)).await.expect("a passkey");
        assert_eq!(reason(world.remove_passkey(&call, &first.id).await), Reason::Conflict, "the last way in");
        assert_eq!(world.passkeys(&call).await.len(), 1);
        let asked = world.begin_passkey(&call, "").await.expect("options");
        let second = world.add_passkey(&call, &Device::new().create(&asked)).await.expect("another one");
        world.remove_passkey(&call, &second.id).await.expect("one is left");
        world.later(TimeDelta::minutes(10));
        assert_eq!(reason(world.begin_passkey(&call, "").await), Reason::StepUpRequired);
    })
    .await;
}

#[tokio::test]
async fn another_password_by_letter_ends_sessions_and_keeps_passkeys() {
    everywhere(async |world| {
        let (_, call) = world.confirmed(EMAIL).await;
        let (mut device, _) = world.device_of(&call).await;
        let before = world.sign_in_as(&device.get(&world.ask_at_the_door().await)).await.expect("a session");
        let forgot = ForgotPasswordRequest { email: EMAIL.to_owned() };
        world.identity.forgot_password(&world.anonymous(), forgot).await.unwrap();
        let letters = world.post.round(&world.service).await;
        let token = letters.iter().find(|l| l.text.contains("password/reset")).expect("a letter").token.clone();
        let request = ResetPasswordRequest { token, password: "another horse entirely".to_owned() };
        world.identity.reset_password(&world.anonymous(), request).await.unwrap();
        assert_eq!(reason(world.resolve(&before).await), Reason::SessionEnded);
        world.sign_in_as(&device.get(&world.ask_at_the_door().await)).await.expect("it opens the account still");
    })
    .await;
}

#[tokio::test]
async fn a_passkey_that_a_stranger_made_ends_when_the_owner_of_the_address_comes() {
    everywhere(async |world| {
        let eve = world.sign_up(EMAIL).await;
        let call = world.call(&eve.access).await;
        world.post.round(&world.service).await;
        assert_eq!(reason(world.begin_passkey(&call, PASSWORD).await), Reason::Conflict, "whose address is it?");
        // Where no letters are sent nobody can confirm theirs.
        let silent = world.replica(Config::default());
        let mut device = Device::new();
        let asked = silent.begin_passkey(&call, BeginPasskeyRequest { password: PASSWORD.to_owned() }).await.unwrap();
        let credential = device.create(&asked.options).to_string();
        silent.add_passkey(&call, AddPasskeyRequest { name: "Eve's".to_owned(), credential }).await.unwrap();
        let ask = SendMagicLinkRequest { email: EMAIL.to_owned() };
        world.identity.send_magic_link(&world.anonymous(), ask).await.unwrap();
        let letters = world.post.round(&world.service).await;
        let token = letters.iter().find(|l| l.text.contains("magic-link")).expect("a letter").token.clone();
        let request = LoginWithMagicLinkRequest { token, ..Default::default() };
        world.identity.login_with_magic_link(&world.anonymous(), request).await.unwrap();
        let shown = device.get(&world.ask_at_the_door().await);
        assert_eq!(reason(world.sign_in_as(&shown).await), Reason::LoginFailed);
    })
    .await;
}

#[tokio::test]
async fn an_operator_with_a_passkey_is_one_in_sessions_that_it_opened() {
    everywhere(async |world| {
        let (_, call) = world.confirmed(EMAIL).await;
        let (mut device, passkey) = world.device_of(&call).await;
        let host = Host {
            db: world.fresh.db.clone(),
            clock: world.clock.clone(),
            ids: world.ids.clone(),
            actor: "operator:root@host".to_owned(),
        };
        let granted = operators::grant(&host, EMAIL, PlatformRole::Admin).await.expect("a role");
        assert!(granted.has_mfa, "nothing is missing");
        let by_password = world.login(EMAIL, PASSWORD).await.unwrap().access;
        assert_eq!(world.resolve(&by_password).await.unwrap().platform_role, "");
        // Nor does the password make another second factor.
        let alone = world.call(&by_password).await;
        assert_eq!(reason(world.begin_passkey(&alone, PASSWORD).await), Reason::StepUpRequired);
        let set_up = SetUpTotpRequest { password: PASSWORD.to_owned() };
        assert_eq!(reason(world.identity.set_up_totp(&alone, set_up).await.map_err(failure)), Reason::StepUpRequired);
        assert_eq!(reason(world.remove_passkey(&alone, &passkey.id).await), Reason::StepUpRequired);
        let by_passkey = world.sign_in_as(&device.get(&world.ask_at_the_door().await)).await.expect("a session");
        assert_eq!(world.resolve(&by_passkey).await.unwrap().platform_role, "admin");
        let there = world.call(&by_passkey).await;
        world.remove_passkey(&there, &passkey.id).await.expect("removed");
        assert_eq!(world.resolve(&by_passkey).await.unwrap().platform_role, "", "there is no second factor any more");
    })
    .await;
}
