//! Clients who do all that an account offers, and know what was promised to them.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Call, World};

use crate::people::{PASSWORD, Person, reset_token, wish};

const SECOND: &str = "ten-green-bottles-18";
const THIRD: &str = "six-red-kites-19";

/// A client, who tries again as long as the platform is busy.
pub struct Client<'a> {
    world: &'a World,
    name: String,
    address: String,
    /// Refresh tokens that must be dead.
    dead: Mutex<Vec<String>>,
}

impl<'a> Client<'a> {
    /// The client of that number.
    pub fn new(world: &'a World, number: usize) -> Self {
        let name = format!("client{number}");
        Self { world, name, address: format!("198.51.100.{number}"), dead: Mutex::default() }
    }

    /// Makes an account, and tries for a name that all want; says whether that was won.
    pub async fn register(&self) -> bool {
        self.once("/api/auth/register/", &wish(&self.name), None).await.expect(201);
        let wanted = json!({ "username": "wanted", "email": "wanted@shop.test", "password": PASSWORD });
        let wanted = self.patiently(|| {
            self.post("/api/auth/register/", &wanted, None).header("idempotency-key", &self.name)
        });
        let answer = wanted.await;
        assert!(matches!(answer.status.as_u16(), 201 | 400), "{answer:?}");
        answer.status == 201
    }

    /// Signs in, stays in, edits, changes the password, asks for another, signs out.
    pub async fn live(&self) {
        let person = self.enter(PASSWORD).await;
        let fixed = json!({ "refresh": person.refresh });
        self.patiently(|| self.post("/api/auth/token/refresh/", &fixed, None)).await.expect(200);
        let rotating = json!({ "refresh": person.refresh, "rotate": true });
        let rotated =
            self.patiently(|| self.post("/api/auth/token/refresh/", &rotating, None)).await.expect(200);
        let edit = json!({ "bio": format!("I am {}.", self.name) });
        let edited = self.patiently(|| self.patch("/api/auth/profile/", &edit, &person)).await.expect(200);
        assert_eq!(edited.json["bio"], edit["bio"]);
        self.patiently(|| self.patch("/api/auth/profile/", &edit, &person)).await.expect(200);

        let change = json!({ "old_password": PASSWORD, "new_password": SECOND });
        self.once("/api/auth/change-password/", &change, Some(&person)).await.expect(200);
        self.bury(&person.refresh).await;
        self.bury(&rotated.text_at("refresh")).await;
        self.stays_out(PASSWORD).await;

        let person = self.enter(SECOND).await;
        // Its record may lag; the token holds from its first moment all the same.
        self.patiently(|| self.world.get("/api/auth/sessions/").bearer(&person.access)).await.expect(200);
        self.patiently(|| self.post("/api/auth/logout/", &json!({}), Some(&person))).await.expect(205);
        self.bury(&person.refresh).await;
        self.once("/api/auth/password-reset/", &json!({ "email": self.email() }), None).await.expect(202);
    }

    /// Sets another password with the token of the mail.
    pub async fn reset_password(&self) {
        let mails = self.world.mails();
        let asked =
            mails.iter().filter(|(to, _, text)| *to == self.email() && text.contains("token=")).count();
        assert_eq!(asked, 1, "asked once, whatever happened");
        let before = self.enter(SECOND).await;
        let token = reset_token(self.world, &self.email()).await;
        let sent = json!({ "token": token, "password": THIRD });
        self.once("/api/auth/password-reset/confirm/", &sent, None).await.expect(200);
        self.bury(&before.refresh).await;
    }

    /// Looks at everything that was promised; the trouble is over.
    pub async fn finds_all_as_left(&self) {
        let person = self.enter(THIRD).await;
        let me = self.world.get("/api/auth/me/").bearer(&person.access).send().await.expect(200);
        assert_eq!(me.json["bio"], json!(format!("I am {}.", self.name)));
        assert_eq!(me.json["email_verified"], true, "the mail was read");
        let dead = self.dead.lock().unwrap().clone();
        for token in dead {
            let sent = json!({ "refresh": token });
            self.world.post("/api/auth/token/refresh/", &sent).send().await.expect(401);
        }
        for password in [PASSWORD, SECOND] {
            self.stays_out(password).await;
        }
        let mails = self.world.mails();
        let mut subjects: Vec<&str> = mails
            .iter()
            .filter(|(to, ..)| *to == self.email())
            .map(|(_, subject, _)| subject.as_str())
            .collect();
        subjects.sort_unstable();
        assert_eq!(subjects.len(), 4, "welcome, changed twice, reset: {subjects:?}");
        subjects.dedup();
        assert_eq!(subjects.len(), 3, "{subjects:?}");
    }

    fn email(&self) -> String {
        format!("{}@shop.test", self.name)
    }

    fn post(&self, path: &str, body: &Value, person: Option<&Person>) -> Call {
        let call = self.world.post(path, body).from(&self.address);
        match person {
            Some(person) => call.bearer(&person.access),
            None => call,
        }
    }

    fn patch(&self, path: &str, body: &Value, person: &Person) -> Call {
        self.world.call("PATCH", path).bearer(&person.access).json(body)
    }

    async fn enter(&self, password: &str) -> Person {
        let sent = json!({ "username": self.name, "password": password });
        Person::of(&self.patiently(|| self.post("/api/auth/login/", &sent, None)).await.expect(200))
    }

    /// A password that is not good any more. From elsewhere, so that the owner is not slowed down.
    async fn stays_out(&self, password: &str) {
        let sent = json!({ "username": self.name, "password": password });
        let elsewhere = format!("192.0.2.{}", fastrand::u8(..));
        self.patiently(|| self.world.post("/api/auth/login/", &sent).from(&elsewhere)).await.expect(401);
    }

    /// A refresh token that must be dead from now on.
    async fn bury(&self, token: &str) {
        let sent = json!({ "refresh": token });
        self.patiently(|| self.post("/api/auth/token/refresh/", &sent, None)).await.expect(401);
        self.dead.lock().unwrap().push(token.to_owned());
    }

    /// Sends a request with a key until it is answered, and then once more: the answer must be the same.
    async fn once(&self, path: &str, body: &Value, person: Option<&Person>) -> Answer {
        let call = || {
            self.post(path, body, person).header("idempotency-key", &format!("{} does this once", self.name))
        };
        let first = self.patiently(call).await;
        let again = self.patiently(call).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
        assert_eq!(again.header("idempotent-replayed"), "true", "{path}: {again:?}");
        first
    }

    /// Sends a request until the platform is not busy. Busy is all it may be.
    async fn patiently(&self, call: impl Fn() -> Call) -> Answer {
        for _ in 0..40 {
            let answer = call().send().await;
            match answer.status.as_u16() {
                503 => assert_eq!(answer.header("retry-after"), "1", "{answer:?}"),
                status => {
                    assert!(status < 500, "{}: {answer:?}", self.name);
                    return answer;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} was never answered", self.name)
    }
}
