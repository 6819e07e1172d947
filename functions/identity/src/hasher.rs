//! Password hashes: Argon2id with a pepper, one at a time, and the hashes that imported accounts bring.

use std::num::NonZeroU32;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::pbkdf2;
use tokio::sync::Semaphore;
use wire::Fault;

/// OWASP's minimum: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What an unknown user's password is compared with, so that it takes as long as a known one's.
const NOBODY: &str = "nobody has this password";

/// Hashes and compares passwords.
#[derive(Clone)]
pub struct Hasher {
    pepper: Arc<[u8]>,
    /// Each hash takes 19 MiB: with one at a time, many at once cost time and not memory.
    turn: Arc<Semaphore>,
    nobody: Arc<str>,
}

/// How a password compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It is the one.
    Yes,
    /// It is the one, and its hash should be made anew with today's parameters.
    Outdated,
    /// It is not.
    No,
}

impl Hasher {
    /// A hasher with the stage's pepper.
    pub fn new(pepper: Vec<u8>) -> Result<Self, Fault> {
        let pepper: Arc<[u8]> = pepper.into();
        let nobody = hash(&pepper, NOBODY)?.into();
        Ok(Self { pepper, turn: Arc::new(Semaphore::new(1)), nobody })
    }

    /// The hash of a password, with a salt of its own.
    pub async fn hash(&self, password: &str) -> Result<String, Fault> {
        let (pepper, password) = (self.pepper.clone(), password.to_owned());
        self.work(move || hash(&pepper, &password)).await
    }

    /// Compares a password with a hash; without one it takes as long and never matches.
    pub async fn compare(&self, password: &str, known: Option<&str>) -> Result<Match, Fault> {
        let (pepper, password) = (self.pepper.clone(), password.to_owned());
        let known_hash = known.unwrap_or(&self.nobody).to_owned();
        let matched = self.work(move || Ok(compare(&pepper, &password, &known_hash))).await?;
        Ok(if known.is_some() { matched } else { Match::No })
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let _turn = self.turn.acquire().await.map_err(Fault::bug)?;
        tokio::task::spawn_blocking(work).await.map_err(Fault::bug)?
    }
}

fn argon2(pepper: &[u8]) -> Result<Argon2<'_>, Fault> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Fault::bug(error.to_string()))?;
    Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
        .map_err(|error| Fault::bug(error.to_string()))
}

fn hash(pepper: &[u8], password: &str) -> Result<String, Fault> {
    let hash = argon2(pepper)?.hash_password(password.as_bytes());
    Ok(hash.map_err(|error| Fault::bug(error.to_string()))?.to_string())
}

fn compare(pepper: &[u8], password: &str, known: &str) -> Match {
    if let Some(django) = known.strip_prefix("pbkdf2_sha256$") {
        return if pbkdf2_matches(password, django) == Some(true) { Match::Outdated } else { Match::No };
    }
    // Django puts its own name before the standard text, and knows no pepper.
    let (phc, pepper) =
        known.strip_prefix("argon2$").map_or((known.to_owned(), pepper), |rest| (format!("${rest}"), &[]));
    let (Ok(parsed), Ok(argon2)) = (PasswordHash::new(&phc), argon2(pepper)) else { return Match::No };
    if argon2.verify_password(password.as_bytes(), &parsed).is_err() {
        return Match::No;
    }
    let current = Params::try_from(&parsed).is_ok_and(|params| {
        params.m_cost() >= MEMORY_KIB && params.t_cost() >= PASSES && parsed.algorithm.as_str() == "argon2id"
    });
    if current && !pepper.is_empty() { Match::Yes } else { Match::Outdated }
}

/// `iterations$salt$hash`, as Django stores it.
fn pbkdf2_matches(password: &str, django: &str) -> Option<bool> {
    let mut parts = django.splitn(3, '$');
    let iterations: NonZeroU32 = parts.next()?.parse().ok()?;
    let salt = parts.next()?;
    let hash = STANDARD.decode(parts.next()?).ok()?;
    let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
    Some(pbkdf2::verify(algorithm, iterations, salt.as_bytes(), password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEPPER: &[u8] = b"a pepper of at least thirty-two b";

    #[test]
    fn a_hash_matches_its_password_and_pepper_only() {
        let known = hash(PEPPER, "correct horse").unwrap();
        assert!(known.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(compare(PEPPER, "correct horse", &known), Match::Yes);
        assert_eq!(compare(PEPPER, "wrong horse", &known), Match::No);
        assert_eq!(compare(b"another pepper", "correct horse", &known), Match::No);
        assert_ne!(known, hash(PEPPER, "correct horse").unwrap(), "each has its own salt");
    }

    #[test]
    fn weaker_parameters_are_outdated() {
        let params = Params::new(8_192, 1, 1, None).unwrap();
        let weak = Argon2::new_with_secret(PEPPER, Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let known = weak.hash_password(b"correct horse").unwrap().to_string();
        assert_eq!(compare(PEPPER, "correct horse", &known), Match::Outdated);
    }

    #[test]
    fn djangos_hashes_are_known() {
        // Made by Django 5.2's own hashers.
        let pbkdf2 = DJANGO_PBKDF2;
        assert_eq!(compare(PEPPER, "correct horse", pbkdf2), Match::Outdated);
        assert_eq!(compare(PEPPER, "wrong horse", pbkdf2), Match::No);
        assert_eq!(compare(PEPPER, "correct horse", DJANGO_ARGON2), Match::Outdated);
        assert_eq!(compare(PEPPER, "wrong horse", DJANGO_ARGON2), Match::No);
        assert_eq!(compare(PEPPER, "correct horse", "pbkdf2_sha256$many$salt$x"), Match::No);
        assert_eq!(compare(PEPPER, "correct horse", "!unusable"), Match::No);
    }

    const DJANGO_PBKDF2: &str =
        "pbkdf2_sha256$1000$saltsaltsalt$F7o7+5VTVzFAO998X6s3AHrDsJVdMiIlgndIMe19NvY=";
    const DJANGO_ARGON2: &str = "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdHNhbHRzYWx0c2FsdA$riURV4PSJa/e3eQmrJGlOYJDPxC9U92xcN2ttLMpq0w";
}
