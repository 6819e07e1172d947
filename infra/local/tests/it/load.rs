//! People who register, sign in and forget their passwords until nobody answers any more.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::process::post;

const PASSWORD: &str = "nine-blue-whales-17";

/// How many people act at the same time.
const PEOPLE: usize = 3;

/// What the platform acknowledged, by user name.
#[derive(Default)]
pub struct Acknowledged {
    /// Who has an account.
    pub registered: Vec<String>,
    /// Who asked for another password.
    pub forgot: Vec<String>,
}

/// A load that runs until its cloud is gone.
pub struct Load {
    threads: Vec<JoinHandle<()>>,
    acknowledged: Arc<Mutex<Acknowledged>>,
    answers: Arc<AtomicUsize>,
}

impl Load {
    /// Begins; the names of a round are its own.
    pub fn start(address: SocketAddr, round: usize) -> Self {
        let (acknowledged, answers) = (Arc::<Mutex<Acknowledged>>::default(), Arc::<AtomicUsize>::default());
        let person = |number: usize| {
            let (acknowledged, answers) = (acknowledged.clone(), answers.clone());
            std::thread::spawn(move || {
                let names = (0..).map(|n| format!("round{round}.{number}.{n}"));
                for name in names {
                    let Some(step) = visit(address, &name, &acknowledged) else { return };
                    answers.fetch_add(step, Ordering::Relaxed);
                }
            })
        };
        let threads = (0..PEOPLE).map(person).collect();
        Self { threads, acknowledged, answers }
    }

    /// How many visits were answered whole.
    pub fn answers(&self) -> usize {
        self.answers.load(Ordering::Relaxed)
    }

    /// What was acknowledged, once all of them noticed that nobody answers.
    pub fn end(self) -> Acknowledged {
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
        std::mem::take(&mut self.acknowledged.lock().unwrap())
    }
}

/// Registers, signs in, and asks for another password; `None` when an answer is missing.
fn visit(address: SocketAddr, name: &str, acknowledged: &Mutex<Acknowledged>) -> Option<usize> {
    let email = format!("{name}@shop.test");
    let sent = json!({ "username": name, "email": email, "password": PASSWORD });
    ask(address, "/api/auth/register/", name, &sent, 201)?;
    acknowledged.lock().unwrap().registered.push(name.to_owned());
    ask(address, "/api/auth/login/", name, &json!({ "username": name, "password": PASSWORD }), 200)?;
    ask(address, "/api/auth/password-reset/", name, &json!({ "email": email }), 202)?;
    acknowledged.lock().unwrap().forgot.push(name.to_owned());
    Some(1)
}

fn ask(address: SocketAddr, path: &str, key: &str, body: &Value, expected: u16) -> Option<Value> {
    let (status, answer) = post(address, path, key, body)?;
    assert_eq!(status, expected, "{path}: {answer}");
    Some(answer)
}
