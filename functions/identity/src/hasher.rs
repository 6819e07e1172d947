//! Password hashes: Argon2id with a pepper, one at a time, and the hashes that imported accounts bring.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ring::pbkdf2;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::Semaphore;
use wire::Fault;

/// OWASP's minimum: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What an unknown user's password is compared with, so that it takes as long as a known one's. No password has it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The memory that hashes are made in. Kept, since an allocator that gets 19 MiB back at a time does not give it away.
type Memory = Arc<Mutex<Vec<Block>>>;

/// Hashes and compares passwords.
#[derive(Clone)]
pub struct Hasher {
    pepper: Arc<[u8]>,
    memory: Memory,
    /// With one at a time, many at once cost time and not memory.
    turn: Arc<Semaphore>,
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
    pub fn new(pepper: Vec<u8>) -> Self {
        Self { pepper: pepper.into(), memory: Memory::default(), turn: Arc::new(Semaphore::new(1)) }
    }

    /// The hash of a password, with a salt of its own.
    pub async fn hash(&self, password: &str) -> Result<String, Fault> {
        let (pepper, password) = (self.pepper.clone(), password.to_owned());
        self.work(move |memory| hash(&pepper, &password, memory)).await
    }

    /// Compares a password with a hash; without one it takes as long and never matches.
    pub async fn compare(&self, password: &str, known: Option<&str>) -> Result<Match, Fault> {
        let (pepper, password) = (self.pepper.clone(), password.to_owned());
        let hash = known.unwrap_or(NOBODY).to_owned();
        let matched = self.work(move |memory| Ok(compare(&pepper, &password, &hash, memory))).await?;
        Ok(if known.is_some() { matched } else { Match::No })
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let _turn = self.turn.acquire().await.map_err(Fault::bug)?;
        let memory = self.memory.clone();
        let working = move || work(&mut memory.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::task::spawn_blocking(working).await.map_err(Fault::bug)?
    }
}

/// A hash and how it was made, as the PHC text tells: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
struct Made {
    algorithm: Algorithm,
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Made {
    fn read(phc: &str) -> Option<Self> {
        let mut parts = phc.strip_prefix('$')?.split('$');
        let algorithm = Algorithm::new(parts.next()?).ok()?;
        parts.next().filter(|version| *version == "v=19")?;
        let mut costs = parts.next()?.split(',').zip(["m=", "t=", "p="]);
        let mut cost = || costs.next().and_then(|(text, name)| text.strip_prefix(name)?.parse().ok());
        let params = Params::new(cost()?, cost()?, cost()?, None).ok()?;
        let mut bytes = || STANDARD_NO_PAD.decode(parts.next()?).ok();
        Some(Self { algorithm, params, salt: bytes()?, hash: bytes()? })
    }

    /// Whether a new hash would be made at least like this.
    fn is_current(&self) -> bool {
        let costs = self.params.m_cost() >= MEMORY_KIB && self.params.t_cost() >= PASSES;
        costs && self.algorithm == Algorithm::Argon2id
    }

    /// The hash that this password would have had.
    fn again(&self, pepper: &[u8], password: &str, memory: &mut Vec<Block>) -> Option<Vec<u8>> {
        let argon2 =
            Argon2::new_with_secret(pepper, self.algorithm, Version::V0x13, self.params.clone()).ok()?;
        let blocks = self.params.block_count();
        if memory.len() < blocks {
            memory.resize(blocks, Block::new());
        }
        let mut hash = vec![0; self.hash.len()];
        let memory = &mut memory[..blocks];
        argon2.hash_password_into_with_memory(password.as_bytes(), &self.salt, &mut hash, memory).ok()?;
        Some(hash)
    }
}

fn hash(pepper: &[u8], password: &str, memory: &mut Vec<Block>) -> Result<String, Fault> {
    let unmade = || Fault::bug("a password could not be hashed");
    let mut salt = vec![0; 16];
    SystemRandom::new().fill(&mut salt).map_err(|_| unmade())?;
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| unmade())?;
    let wanted = Made { algorithm: Algorithm::Argon2id, params, salt, hash: vec![0; 32] };
    let hash = wanted.again(pepper, password, memory).ok_or_else(unmade)?;
    let [salt, hash] = [&wanted.salt, &hash].map(|bytes| STANDARD_NO_PAD.encode(bytes));
    Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
}

fn compare(pepper: &[u8], password: &str, known: &str, memory: &mut Vec<Block>) -> Match {
    if let Some(django) = known.strip_prefix("pbkdf2_sha256$") {
        return if pbkdf2_matches(password, django) == Some(true) { Match::Outdated } else { Match::No };
    }
    // Django puts its own name before the standard text, and knows no pepper.
    let (phc, pepper) =
        known.strip_prefix("argon2").map_or((known, pepper), |rest| match rest.strip_prefix('$') {
            Some(_) => (rest, &[][..]),
            None => (known, pepper),
        });
    let Some(made) = Made::read(phc) else { return Match::No };
    let Some(hash) = made.again(pepper, password, memory) else { return Match::No };
    // Without a short cut at the first difference, which would tell how much was right.
    let difference =
        hash.iter().zip(&made.hash).fold(0, |difference, (one, other)| difference | (one ^ other));
    match difference {
        0 if made.is_current() && !pepper.is_empty() => Match::Yes,
        0 => Match::Outdated,
        _ => Match::No,
    }
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
        let memory = &mut Vec::new();
        let known = hash(PEPPER, "correct horse", memory).unwrap();
        assert!(known.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(compare(PEPPER, "correct horse", &known, memory), Match::Yes);
        assert_eq!(compare(PEPPER, "wrong horse", &known, memory), Match::No);
        assert_eq!(compare(b"another pepper", "correct horse", &known, memory), Match::No);
        assert_ne!(known, hash(PEPPER, "correct horse", memory).unwrap(), "each has its own salt");
    }

    #[test]
    fn weaker_parameters_are_outdated() {
        let memory = &mut Vec::new();
        let params = Params::new(8_192, 1, 1, None).unwrap();
        let weak = Made { algorithm: Algorithm::Argon2id, params, salt: vec![7; 16], hash: vec![0; 32] };
        let made = STANDARD_NO_PAD.encode(weak.again(PEPPER, "correct horse", memory).unwrap());
        let known = format!("$argon2id$v=19$m=8192,t=1,p=1${}${made}", STANDARD_NO_PAD.encode([7; 16]));
        assert_eq!(compare(PEPPER, "correct horse", &known, memory), Match::Outdated);
    }

    #[test]
    fn djangos_hashes_are_known() {
        // Made by Django 5.2's own hashers.
        let memory = &mut Vec::new();
        let pbkdf2 = DJANGO_PBKDF2;
        assert_eq!(compare(PEPPER, "correct horse", pbkdf2, memory), Match::Outdated);
        assert_eq!(compare(PEPPER, "wrong horse", pbkdf2, memory), Match::No);
        assert_eq!(compare(PEPPER, "correct horse", DJANGO_ARGON2, memory), Match::Outdated);
        assert_eq!(compare(PEPPER, "wrong horse", DJANGO_ARGON2, memory), Match::No);
        assert_eq!(compare(PEPPER, "correct horse", "pbkdf2_sha256$many$salt$x", memory), Match::No);
        assert_eq!(compare(PEPPER, "correct horse", "!unusable", memory), Match::No);
        for broken in ["", "$argon2id", "argon2", "argon2$", "$argon2id$v=16$m=8,t=1,p=1$AAAA$AAAA", NOBODY] {
            assert_eq!(compare(PEPPER, "correct horse", broken, memory), Match::No, "{broken}");
        }
    }

    const DJANGO_PBKDF2: &str =
        "pbkdf2_sha256$1000$saltsaltsalt$F7o7+5VTVzFAO998X6s3AHrDsJVdMiIlgndIMe19NvY=";
    const DJANGO_ARGON2: &str = "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdHNhbHRzYWx0c2FsdA$riURV4PSJa/e3eQmrJGlOYJDPxC9U92xcN2ttLMpq0w";
}
