//! What an account is, in as few words as possible and without a table.

use std::collections::BTreeMap;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
const WEEK: Duration = Duration::from_hours(7 * 24);
const LEEWAY: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(20);
const MOST: usize = 10;

/// The status of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    Inactive,
    Suspended,
    Blocked,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
            Self::Blocked => "blocked",
        }
    }

    fn may_enter(self) -> bool {
        matches!(self, Self::Active | Self::Blocked)
    }
}

/// A refresh token is not good; if it was replaced, its session has ended by this.
#[derive(Debug)]
pub struct Reused;

#[derive(Debug)]
struct Session {
    end: Duration,
    used: Duration,
    /// Until when each refresh token is good.
    good: BTreeMap<usize, Duration>,
}

#[derive(Debug)]
pub struct Account {
    pub name: usize,
    pub address: usize,
    pub state: State,
    password: usize,
    /// Whether a block lies beneath a status that closes it.
    beneath: bool,
    /// How often all tokens were ended.
    ver: usize,
    /// By the number of the first token.
    sessions: BTreeMap<usize, Session>,
}

impl Account {
    pub fn live_sessions(&self, now: Duration) -> usize {
        self.sessions.values().filter(|session| session.end > now).count()
    }

    fn end_all(&mut self) {
        self.ver += 1;
        self.sessions.clear();
    }
}

/// A pair of tokens, by its number.
#[derive(Debug)]
struct Pair {
    account: usize,
    ver: usize,
    session: usize,
    /// The number of the pair that the refresh token is of: it need not have been replaced.
    refresh: usize,
    access_end: Duration,
}

#[derive(Debug, Default)]
pub struct Model {
    pub now: Duration,
    pub accounts: Vec<Account>,
    pairs: Vec<Pair>,
}

impl Model {
    /// Which of two names belong to somebody else than `own`, as the fields are called.
    pub fn taken(&self, name: usize, address: usize, own: Option<usize>) -> Vec<&'static str> {
        let mut others = self.accounts.iter().enumerate().filter(|(n, _)| Some(*n) != own);
        let by_address = others.clone().any(|(_, account)| account.address == address);
        let by_name = others.any(|(_, account)| account.name == name);
        [(by_address, "email"), (by_name, "username")]
            .into_iter()
            .filter_map(|(taken, field)| taken.then_some(field))
            .collect()
    }

    pub fn register(&mut self, name: usize, address: usize, password: usize) {
        let (state, sessions) = (State::Active, BTreeMap::new());
        self.accounts.push(Account { name, address, state, password, beneath: false, ver: 0, sessions });
        self.open(self.accounts.len() - 1);
    }

    fn open(&mut self, account: usize) {
        let (number, now) = (self.pairs.len(), self.now);
        let of = &mut self.accounts[account];
        let good = [(number, now + WEEK)].into();
        of.sessions.insert(number, Session { end: now + WEEK, used: now, good });
        if of.sessions.len() > MOST {
            of.sessions.retain(|_, session| session.end > now);
            let longest = of.sessions.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| *id);
            if let Some(longest) = longest.filter(|_| of.sessions.len() > MOST) {
                of.sessions.remove(&longest);
            }
        }
        let (ver, access_end) = (of.ver, now + HOUR);
        self.pairs.push(Pair { account, ver, session: number, refresh: number, access_end });
    }

    pub fn sign_in(&mut self, name: usize, by_address: bool, password: usize) -> bool {
        let found = self.accounts.iter().position(|account| {
            let login = if by_address { account.address } else { account.name };
            login == name && account.password == password && account.state.may_enter()
        });
        found.map(|account| self.open(account)).is_some()
    }

    /// Whose access token this is, if it is good.
    pub fn caller(&self, token: usize) -> Option<usize> {
        let pair = &self.pairs[token];
        let account = &self.accounts[pair.account];
        // Tokens count in whole seconds, and clocks may differ by some.
        let timely = pair.access_end.as_secs() + LEEWAY.as_secs() > self.now.as_secs();
        (timely && account.state.may_enter() && account.ver == pair.ver).then_some(pair.account)
    }

    pub fn refresh(&mut self, token: usize, rotate: bool) -> Result<(), Reused> {
        let Pair { account, ver, session, refresh, .. } = self.pairs[token];
        let (now, number) = (self.now, self.pairs.len());
        let of = &mut self.accounts[account];
        if !of.state.may_enter() || of.ver != ver {
            return Err(Reused);
        }
        let open = of.sessions.get_mut(&session).filter(|session| session.end > now).ok_or(Reused)?;
        if open.good.get(&refresh).is_none_or(|until| *until <= now) {
            of.sessions.remove(&session);
            return Err(Reused);
        }
        open.used = now;
        let mut next = refresh;
        if rotate {
            let until = open.good[&refresh].min(now + GRACE);
            open.good.insert(refresh, until);
            open.good.insert(number, open.end);
            next = number;
        }
        self.pairs.push(Pair { account, ver, session, refresh: next, access_end: now + HOUR });
        Ok(())
    }

    pub fn leave(&mut self, token: usize, everywhere: bool) -> bool {
        let Some(account) = self.caller(token) else { return false };
        let session = self.pairs[token].session;
        if everywhere {
            self.accounts[account].end_all();
        } else {
            self.accounts[account].sessions.remove(&session);
        }
        true
    }

    /// The status of the answer.
    pub fn change_password(&mut self, token: usize, old: usize, new: usize) -> u16 {
        let Some(account) = self.caller(token).map(|account| &mut self.accounts[account]) else { return 401 };
        if account.password != old {
            return 400;
        }
        account.password = new;
        account.end_all();
        200
    }

    /// What is taken of a name that somebody wants; `None` of whoever may not ask.
    pub fn rename(&mut self, token: usize, name: usize, address: bool) -> Option<Vec<&'static str>> {
        let own = self.caller(token)?;
        let account = &self.accounts[own];
        let (wanted, kept) = if address { (account.name, name) } else { (name, account.address) };
        let taken = self.taken(wanted, kept, Some(own));
        if taken.is_empty() {
            let account = &mut self.accounts[own];
            (account.name, account.address) = (wanted, kept);
        }
        Some(taken)
    }

    pub fn judge(&mut self, account: usize, wanted: State) {
        let of = &mut self.accounts[account];
        let was = of.state;
        of.state = match wanted {
            State::Active if !was.may_enter() && of.beneath => State::Blocked,
            wanted => wanted,
        };
        if of.state.may_enter() {
            of.beneath = false;
        } else if was.may_enter() {
            of.beneath = was == State::Blocked;
            of.end_all();
        }
    }
}
