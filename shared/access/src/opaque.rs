//! Opaque tokens, for clients that keep one token and never refresh it: `Authorization: Token ...`.

use std::fmt::Write as _;
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use table::{Condition, Denied, Key, Row, Table, Update, digest};
use wire::{Fault, Problem, Reply, Stamp};

use crate::principal::Principal;
use crate::token::{Claims, Kind};

/// How long after its last use a token ends.
const LIFE: Duration = Duration::from_hours(30 * 24);

/// How exactly its last use is known; more exactly would cost a write for each request.
const NOTED: Duration = Duration::from_hours(24);

/// An opaque token, as it is stored: by its hash.
///
/// Never outlives the version of the account's tokens: whatever ends all of them ends this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opaque {
    hash: String,
    /// The account.
    pub account: u64,
    /// The dialect that gave it out.
    pub dialect: String,
    /// The version that the account's tokens had.
    pub ver: u64,
    used: Stamp,
    end: Stamp,
}

impl Opaque {
    /// A new token of an account, and the text that its owner gets and nobody else ever sees.
    ///
    /// The text begins with the account, so that the live record can be read beside the token; the other 160 bits
    /// are the secret.
    pub fn new(account: u64, ver: u64, dialect: &str, now: Stamp) -> (Self, String) {
        let mut secret = [0; 20];
        SystemRandom::new().fill(&mut secret).expect("the system has randomness");
        let text = format!("{account:014x}{}", hex(&secret));
        let dialect = dialect.to_owned();
        (Self { hash: digest(&text), account, dialect, ver, used: now, end: now + LIFE }, text)
    }

    /// The row of a token, to be removed when its owner signs out.
    pub fn key_of(text: &str) -> Key {
        Self::key_of_hash(&digest(text))
    }

    pub(crate) fn key_of_hash(hash: &str) -> Key {
        Key::new(format!("TOKEN#{hash}"), "TOKEN")
    }

    /// What the token says, as the live record has it now.
    fn claims(&self, principal: &Principal) -> Claims {
        Claims {
            iss: String::new(),
            aud: String::new(),
            sub: principal.id.to_string(),
            exp: self.end.seconds(),
            iat: self.used.seconds(),
            jti: self.hash.clone(),
            token_type: Kind::Access,
            user_id: principal.id,
            ver: self.ver,
            username: Some(principal.username.clone()),
            email: Some(principal.email.clone()),
            full_name: None,
            roles: Some(principal.roles.clone()),
            role: None,
            family: None,
        }
    }
}

impl Row for Opaque {
    const KIND: &'static str = "token";

    fn key(&self) -> Key {
        Self::key_of_hash(&self.hash)
    }

    fn ends(&self) -> Option<Stamp> {
        Some(self.end)
    }
}

/// Who holds this token, if it is good: read with the live record, in one round trip.
pub(crate) async fn open(table: &Table, text: &str, now: Stamp) -> Reply<Option<(Claims, Principal)>> {
    let account = text.get(..14).and_then(|account| u64::from_str_radix(account, 16).ok());
    let Some(account) = account.filter(|_| text.len() == 54) else { return Ok(None) };
    let (token, principal) = (Opaque::key_of(text), Principal::key_of(account));
    let (token, principal) =
        tokio::try_join!(table.get_strong::<Opaque>(&token), table.get::<Principal>(&principal))?;
    let Some(token) = token.filter(|token| token.account == account && token.end > now) else {
        return Ok(None);
    };
    // The live record may lag, but a refusal must not rest on that.
    let principal = match principal {
        Some(principal) if principal.ver >= token.ver => Some(principal),
        _ => table.get_strong(&Principal::key_of(account)).await?,
    };
    let Some(principal) = principal else { return Ok(None) };
    // Whoever was stopped lost the token by that as well, but is told why.
    if !principal.status.may_enter() {
        return Err(Problem::inactive_user());
    }
    if principal.ver != token.ver {
        return Ok(None);
    }
    if now.since(token.used) >= NOTED {
        note_use(table, &token, now).await?;
    }
    Ok(Some((token.claims(&principal), principal)))
}

/// Moves the end on. A token that was removed meanwhile stays removed.
async fn note_use(table: &Table, token: &Opaque, now: Stamp) -> Result<(), Fault> {
    let end = now + LIFE;
    let update = Update::when(token.key(), Condition::exists().is("used", token.used));
    match table.apply(update.set("used", now).set("end", end).set("ttl", end.seconds()), ()).await {
        Err(Denied::Fault(fault)) => Err(fault),
        _ => Ok(()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
