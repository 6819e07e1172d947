//! The gate before every route: who is there, may they, and how often.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{FromRequestParts, Request};
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use table::{Item, Key, Table};
use wire::{Clock, Fault, Problem, Reply, Stamp};

use crate::keyring::Keyring;
use crate::opaque::{self, Opaque};
use crate::policy::Policy;
use crate::principal::{Context, Principal};
use crate::throttle::{self, Leases, Limits, Subject};
use crate::token::{Claims, Kind};

/// What guards the routes of a function.
#[derive(Clone)]
pub struct Gate {
    keyring: Keyring,
    table: Table,
    clock: Clock,
    limits: Limits,
    leases: Leases,
}

/// Where a request comes from, as the gateway saw it; what clients claim in headers counts for nothing.
#[derive(Clone, Debug)]
pub struct Address(pub String);

/// Where a request comes from, as text.
pub(crate) fn address_of(request: &Request) -> String {
    request.extensions().get::<Address>().map_or_else(|| "unknown".to_owned(), |address| address.0.clone())
}

impl Gate {
    /// A gate with these keys and limits.
    pub fn new(keyring: Keyring, table: Table, clock: Clock, limits: Limits) -> Self {
        Self { keyring, table, clock, limits, leases: Leases::default() }
    }

    /// The keys that tokens are checked with.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Lets a request in, or says why not; leaves a [`Caller`] or a [`Visit`] for the handler.
    pub(crate) async fn admit(
        &self,
        policy: &Arc<Policy>,
        request: &mut Request,
    ) -> Result<Settled, Problem> {
        let now = self.clock.now();
        let address = address_of(request);
        let by_address = Subject::address(&address);
        let credentials = request.headers().get(AUTHORIZATION).cloned();
        let settled = Settled::default();
        if policy.is_public() {
            if !policy.is_exact() {
                let known = self.identify(credentials.clone(), now).await.ok();
                let signed_in = known.map(|known| known.claims.user_id);
                self.count(signed_in.map_or(by_address, Subject::Account), now).await?;
                settled.settle();
            }
            let gate = self.clone();
            let visit = Visit { gate, address, credentials, now, settled: settled.clone() };
            request.extensions_mut().insert(visit);
            return Ok(settled);
        }
        let Known { claims, live } = match self.identify(credentials, now).await {
            Ok(known) => known,
            Err(problem) => {
                self.count(by_address, now).await?;
                return Err(problem);
            }
        };
        self.count(Subject::Account(claims.user_id), now).await?;
        let mut caller = Caller {
            opaque: live.is_some().then(|| Opaque::key_of_hash(&claims.jti)),
            claims: Arc::new(claims),
            // It may lag: where roles decide it is read anew.
            live: live.filter(|_| !policy.is_for_roles()),
            policy: policy.clone(),
            gate: self.clone(),
            settled: settled.clone(),
            barred: Arc::default(),
        };
        if !policy.admits(caller.roles()) {
            caller.live = Some(caller.promoted().await?);
        }
        if !policy.is_live() {
            settled.settle();
        }
        request.extensions_mut().insert(caller);
        Ok(settled)
    }

    /// Counts a visit that its handler did not get to count.
    pub(crate) async fn count_turned_away(&self, policy: &Policy, address: &str) -> Result<(), Problem> {
        if !policy.is_exact() {
            return Ok(());
        }
        self.count(Subject::address(address), self.clock.now()).await
    }

    /// Who shows these credentials, a token of either scheme.
    async fn identify(&self, credentials: Option<HeaderValue>, now: Stamp) -> Reply<Known> {
        let header = credentials.as_ref().and_then(|header| header.to_str().ok());
        let (scheme, token) =
            header.ok_or_else(Problem::unauthenticated)?.split_once(' ').unwrap_or_default();
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" => {
                let claims = self.keyring.verify(token.trim(), Kind::Access).await;
                Ok(Known { claims: claims.ok_or_else(Problem::bad_token)?, live: None })
            }
            "token" => {
                let found = opaque::open(&self.table, token.trim(), now).await?;
                let (claims, principal) = found.ok_or_else(Problem::bad_token)?;
                Ok(Known { claims, live: Some(principal) })
            }
            _ => Err(Problem::unauthenticated()),
        }
    }

    async fn count(&self, subject: Subject, now: Stamp) -> Result<(), Problem> {
        let limit = match subject {
            Subject::Account(_) => self.limits.account,
            Subject::Address(_) => self.limits.anonymous,
        };
        if limit == 0 { Ok(()) } else { self.leases.take(&self.table, &subject, limit, now).await }
    }
}

/// Who sent a request: what the token says and, where it had to be looked up anyway, the live record.
struct Known {
    claims: Claims,
    live: Option<Principal>,
}

/// The live record behind a token, if the token is good for it.
fn agreed(claims: &Claims, principal: Option<Principal>) -> Reply<Principal> {
    let principal = principal.ok_or_else(Problem::bad_token)?;
    if !principal.status.may_enter() {
        return Err(Problem::inactive_user());
    }
    if principal.ver == claims.ver { Ok(principal) } else { Err(Problem::bad_token()) }
}

/// Whether a request's policy was kept to the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settled(Arc<AtomicBool>);

impl Settled {
    pub(crate) fn settle(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Who calls, as the token says; extracted by handlers of guarded routes.
#[derive(Clone)]
pub struct Caller {
    claims: Arc<Claims>,
    /// The live record, where the gate had to read it and it will do.
    live: Option<Principal>,
    opaque: Option<Key>,
    policy: Arc<Policy>,
    gate: Gate,
    settled: Settled,
    barred: Arc<AtomicBool>,
}

impl Caller {
    /// The account.
    pub fn id(&self) -> u64 {
        self.claims.user_id
    }

    /// What the token says.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The row of the opaque token that was sent, if it was one: removing it signs out.
    pub fn opaque(&self) -> Option<Key> {
        self.opaque.clone()
    }

    /// The role in a context, as the token says: what the live record says may be newer, and decides.
    pub fn role(&self, context: Context) -> &str {
        context.role(self.roles())
    }

    /// The roles by context, as the live record says where the gate read it, and as the token says otherwise.
    fn roles(&self) -> &BTreeMap<String, String> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        let live = self.live.as_ref().map(|live| &live.roles);
        live.or(self.claims.roles.as_ref()).unwrap_or(&NONE)
    }

    /// The live record of a caller whose token has none of the roles: it may be older than their promotion.
    ///
    /// The only record that the gate reads for a policy's sake, so that those whom the token admits cost nothing here.
    async fn promoted(&self) -> Reply<Principal> {
        if !self.policy.is_live() {
            self.bar();
            return Err(Problem::forbidden());
        }
        self.judge(self.gate.table.get_strong(&Principal::key_of(self.id())).await?)
    }

    /// Reads the live record beside the handler's first read, and settles the policy by it.
    pub async fn beside<T>(&self, load: impl Future<Output = Reply<T>>) -> Reply<(Principal, T)> {
        let live = async { self.judge(self.record().await?) };
        // The record speaks first: a caller who may not enter learns nothing of what was loaded.
        let (live, loaded) = tokio::join!(live, load);
        Ok((live?, loaded?))
    }

    /// The live record, which may lag, but never behind the token: a login must hold from its first moment.
    async fn record(&self) -> Result<Option<Principal>, Fault> {
        if let Some(read_at_the_gate) = &self.live {
            return Ok(Some(read_at_the_gate.clone()));
        }
        let (table, key) = (&self.gate.table, Principal::key_of(self.id()));
        // Who administers must be who they are at this moment.
        if self.policy.is_for_roles() {
            return table.get_strong(&key).await;
        }
        let found: Option<Principal> = table.get(&key).await?;
        match found {
            Some(principal) if principal.ver >= self.claims.ver => Ok(Some(principal)),
            _ => table.get_strong(&key).await,
        }
    }

    /// Reads the live record, and settles the policy by it.
    pub async fn alone(&self) -> Reply<Principal> {
        Ok(self.beside(async { Ok(()) }).await?.0)
    }

    /// Settles the policy by a record that the handler read itself.
    pub fn judge(&self, principal: Option<Principal>) -> Reply<Principal> {
        let may_not = |of: &Principal| !of.status.may_enter() || !self.policy.admits(&of.roles);
        if principal.as_ref().is_some_and(may_not) {
            self.bar();
        }
        let principal = agreed(&self.claims, principal)?;
        if !self.policy.admits(&principal.roles) {
            return Err(Problem::forbidden());
        }
        self.settled.settle();
        Ok(principal)
    }

    /// Keeps the caller out, and says so in the log; which route it was, the line of the request tells.
    fn bar(&self) {
        self.barred.store(true, Ordering::Relaxed);
        tracing::info!(target: "security", event = "refused", user = self.id());
    }

    /// Whether status or role keep the caller out by now: then not even what was answered before is answered again.
    ///
    /// A token that ended is no such reason, since the repeated request may be what ended it.
    pub fn is_barred(&self) -> bool {
        self.barred.load(Ordering::Relaxed)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| misplaced("Caller"))
    }
}

/// A visit to a public route.
#[derive(Clone)]
pub struct Visit {
    gate: Gate,
    address: String,
    credentials: Option<HeaderValue>,
    now: Stamp,
    settled: Settled,
}

impl Visit {
    /// The address the visitor is counted by.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The key of the row that counts this visitor, where a handler may keep what it must remember of them.
    pub fn counter(&self) -> Key {
        Subject::address(&self.address).key()
    }

    /// Who visits, as the newest write left their record. Without a good token, nobody: a public route asks for none.
    pub async fn visitor(&self) -> Reply<Option<Principal>> {
        let claims = match self.gate.identify(self.credentials.clone(), self.now).await {
            Ok(known) => known.claims,
            Err(problem) if problem.fault().is_some() => return Err(problem),
            Err(_) => return Ok(None),
        };
        let record = self.gate.table.get_strong(&Principal::key_of(claims.user_id)).await?;
        Ok(agreed(&claims, record).ok())
    }

    /// Counts this visit exactly, beside the handler's first read, and answers with the counter's row as well.
    ///
    /// Unlike leased limits this closes when the counters are out of reach.
    pub async fn beside<T>(&self, load: impl Future<Output = Reply<T>>) -> Reply<(Item, T)> {
        let subject = Subject::address(&self.address);
        let counting = throttle::count(&self.gate.table, &subject, 1, self.now);
        let (item, loaded) = tokio::join!(counting, load);
        let item = item?;
        self.settled.settle();
        let limit = self.gate.limits.anonymous;
        if limit > 0 && throttle::used(&item) > limit {
            return Err(throttle::over(self.now));
        }
        Ok((item, loaded?))
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| misplaced("Visit"))
    }
}

fn misplaced(what: &str) -> Problem {
    Fault::bug(format!("{what} was asked for by a route of another policy")).into()
}
