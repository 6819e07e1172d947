//! Logs tell of mails, never of people.

use std::io::Write;
use std::sync::{Arc, Mutex};

use outbox::Letter;
use testkit::{MailRules, invoke};
use tracing_subscriber::fmt::MakeWriter;

use crate::letters::{bodies_event, boot, boot_with, mails, welcome, world};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Lines;

    fn make_writer(&'a self) -> Lines {
        self.clone()
    }
}

#[tokio::test]
async fn no_line_holds_an_address_or_what_a_mail_says() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().json().with_env_filter("info").with_writer(lines.clone());
    let _logging = tracing::subscriber::set_default(subscriber.finish());

    let world =
        world(MailRules { senders: vec!["mercato.example".to_owned()], ..MailRules::default() }).await;
    let mailer = boot(&world).await;
    let mut events = world.whole.cloud.mail.events();
    let (sent, refused) = (welcome(&world, "canary@example.com"), welcome(&world, "canary"));
    let returned = welcome(&world, "bounce+canary@simulator.amazonses.com");
    let broken = Letter::new("identity/welcome", "canary@example.com")
        .with("username", "canary")
        .message("identity", world.clock.now());
    invoke(&mailer, &mails(&[&sent, &refused, &returned, &broken, &sent])).await;
    invoke(&mailer, &events.try_recv().unwrap()).await;
    invoke(&mailer, &bodies_event(&["\"canary\"".to_owned(), "canary".to_owned()])).await;
    let wrong = boot_with(&world, &[("MERCATO_MAIL_FROM", "canary@elsewhere.example")]).await;
    invoke(&wrong, &mails(&[&welcome(&world, "canary@example.com")])).await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for personal in ["canary", "Lovelace", "example.com", "Welcome to"] {
        assert!(!text.contains(personal), "{personal} is in {text}");
    }
    for (message, outcome) in
        [(&sent, "sent"), (&refused, "refused"), (&broken, "failed"), (&sent, "repeated")]
    {
        let told =
            |line: &str| line.contains(&message.id) && line.contains(&format!("\"outcome\":\"{outcome}\""));
        assert_eq!(text.lines().filter(|line| told(line)).count(), 1, "{outcome} in {text}");
    }
}
