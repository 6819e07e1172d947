//! What becomes of vouchers: uses, holds, gifts, and money that is asked back.

use std::time::Duration;

use super::shop::{DAY, No, Shop, said, wrong};

#[derive(Debug)]
pub struct Voucher {
    pub code: String,
    pub owner: usize,
    pub payment: usize,
    pub price: i64,
    pub of: usize,
    /// How often it can be used, and how often it was.
    pub uses: usize,
    pub used: usize,
    pub services: &'static [&'static str],
    pub issued: Duration,
    pub ends: Duration,
    pub called_off: bool,
    /// Whether it is a gift that nobody claimed yet.
    pub gift: bool,
}

impl Voucher {
    pub fn shows(&self, now: Duration) -> &'static str {
        if self.called_off {
            "cancelled"
        } else if self.used == self.uses {
            "used"
        } else if now > self.ends {
            "expired"
        } else {
            "active"
        }
    }

    pub fn left(&self, now: Duration) -> usize {
        if self.shows(now) == "active" { self.uses - self.used } else { 0 }
    }

    /// Whether nobody used it, and it was not called off.
    fn is_unused(&self) -> bool {
        self.used == 0 && !self.called_off
    }
}

/// A use that somebody keeps from others for a while.
#[derive(Debug)]
pub struct Hold {
    pub id: String,
    pub by: usize,
    pub of: usize,
    pub service: &'static str,
    pub until: Duration,
    /// Whether it was spent, let go, or went with its voucher.
    pub gone: bool,
}

#[derive(Debug)]
pub struct Usage {
    pub id: String,
    pub by: usize,
    pub of: usize,
    pub service: &'static str,
    pub at: Duration,
    pub given_back: bool,
}

#[derive(Debug)]
pub struct Refund {
    pub id: String,
    pub payment: usize,
    pub amount: i64,
    pub state: &'static str,
    pub took: Vec<usize>,
}

const NOT_VALID: &str = "Voucher is not valid or has expired.";

impl Shop {
    /// How many uses of a voucher are held now.
    pub fn held(&self, of: usize) -> usize {
        self.holds.iter().filter(|hold| hold.of == of && !hold.gone && hold.until > self.now).count()
    }

    /// Whether a voucher is good for a service now.
    pub fn admits(&self, of: usize, service: &str) -> Result<(), No> {
        let voucher = &self.vouchers[of];
        if voucher.left(self.now) <= self.held(of) {
            return wrong("code", NOT_VALID);
        }
        if !voucher.services.is_empty() && !voucher.services.contains(&service) {
            return wrong("service_type", "This voucher is not valid for this service.");
        }
        Ok(())
    }

    pub fn redeem(&mut self, by: usize, of: usize, service: &'static str) -> Result<(), No> {
        self.admits(of, service)?;
        self.spend(by, of, service);
        Ok(())
    }

    fn spend(&mut self, by: usize, of: usize, service: &'static str) {
        self.vouchers[of].used += 1;
        let (id, at, given_back) = (String::new(), self.now, false);
        self.usages.push(Usage { id, by, of, service, at, given_back });
    }

    /// Holds a use for so long, or until the voucher ends.
    pub fn reserve(&mut self, by: usize, of: usize, service: &'static str, time: Duration) -> Result<(), No> {
        self.admits(of, service)?;
        let until = (self.now + time).min(self.vouchers[of].ends);
        self.holds.push(Hold { id: String::new(), by, of, service, until, gone: false });
        Ok(())
    }

    /// Spends what is held, or lets it go.
    pub fn end_hold(&mut self, at: usize, by: usize, spent: bool) -> Result<(), No> {
        let hold = &self.holds[at];
        if hold.gone || hold.by != by {
            return said(404, "Reservation not found");
        }
        let over = self.vouchers[hold.of].shows(self.now) != "active";
        if hold.until <= self.now || spent && over {
            return said(409, "The reservation has ended");
        }
        let (of, service) = (hold.of, hold.service);
        self.holds[at].gone = true;
        if spent {
            self.spend(by, of, service);
        }
        Ok(())
    }

    pub fn claim(&mut self, by: usize, of: usize) -> Result<(), No> {
        let voucher = &mut self.vouchers[of];
        if !std::mem::take(&mut voucher.gift) {
            return wrong("code", "This voucher was not sent to anybody, or was claimed already.");
        }
        voucher.owner = by;
        Ok(())
    }

    pub fn roll_back(&mut self, at: usize) -> Result<(), No> {
        if std::mem::replace(&mut self.usages[at].given_back, true) {
            return said(409, "This use was given back already");
        }
        self.vouchers[self.usages[at].of].used -= 1;
        Ok(())
    }

    pub fn call_off(&mut self, of: usize) -> Result<(), No> {
        if self.vouchers[of].shows(self.now) != "active" {
            return said(409, "Voucher cannot be cancelled");
        }
        self.end(of);
        Ok(())
    }

    /// A voucher is good no more, and nothing is held of it.
    fn end(&mut self, of: usize) {
        self.vouchers[of].called_off = true;
        self.holds.iter_mut().filter(|hold| hold.of == of).for_each(|hold| hold.gone = true);
    }

    pub fn reschedule(&mut self, of: usize, ends: Duration) -> Result<(), No> {
        let voucher = &mut self.vouchers[of];
        if ["used", "cancelled"].contains(&voucher.shows(self.now)) {
            return said(409, "Voucher cannot be changed any more");
        }
        voucher.ends = ends;
        Ok(())
    }

    /// The vouchers of a payment that nobody touched and that are still the buyer's.
    fn untouched(&self, payment: usize) -> Vec<usize> {
        let paid = &self.payments[payment];
        let all = paid.vouchers.iter().copied();
        let own = all.filter(|of| self.vouchers[*of].owner == paid.order.who);
        own.filter(|of| self.vouchers[*of].is_unused() && self.held(*of) == 0).collect()
    }

    pub fn ask_back(&mut self, payment: usize, who: usize, amount: Option<i64>) -> Result<(), No> {
        let paid = &self.payments[payment];
        let Some(at) = paid.paid_at.filter(|_| paid.order.who == who && paid.is_paid()) else {
            return Err(No(404, "", "Not found.".to_owned()));
        };
        if paid.total == 0 {
            return said(400, "A free payment has nothing to refund");
        }
        if paid.refund.is_some() {
            return said(400, "Refund already requested for this payment");
        }
        if self.now > at + DAY * 90 {
            return said(400, "Refund period has ended");
        }
        let recent = |of: &usize| self.now <= self.vouchers[*of].ends + DAY * 30;
        let unused = self.untouched(payment).into_iter().filter(recent).count();
        let most = paid.total * i64::try_from(unused).unwrap() / i64::try_from(paid.order.quantity).unwrap();
        if most == 0 {
            return said(400, "No unused vouchers left to refund");
        }
        let amount = amount.unwrap_or(most);
        if amount <= 0 || amount > most {
            let text = format!("Amount exceeds the refundable amount of {}.{:02}.", most / 100, most % 100);
            return wrong("amount", &text);
        }
        self.payments[payment].refund = Some(self.refunds.len());
        self.refunds.push(Refund { id: String::new(), payment, amount, state: "pending", took: Vec::new() });
        Ok(())
    }

    /// How many vouchers a refund takes, of which: enough to be worth what is given back.
    pub fn takes(&self, refund: usize) -> Result<(usize, Vec<usize>), No> {
        let Refund { payment, amount, state, .. } = &self.refunds[refund];
        if *state != "pending" {
            return said(409, "Refund is not pending");
        }
        let (of, untouched) = (&self.payments[*payment], self.untouched(*payment));
        let parts = amount * i64::try_from(of.order.quantity).unwrap();
        let many = usize::try_from((parts + of.total - 1) / of.total).unwrap();
        if many > untouched.len() {
            return said(409, "Vouchers were used since the request");
        }
        Ok((many, untouched))
    }

    /// Takes these vouchers, and has the bank give the money back. It does not, once its customer complained.
    pub fn approve(&mut self, refund: usize, took: Vec<usize>) {
        for of in &took {
            self.end(*of);
        }
        self.refunds[refund].took = took;
        self.refunds[refund].state = "processing";
        let paid = &self.payments[self.refunds[refund].payment];
        if paid.disputed || !paid.slow {
            let arrived = !paid.disputed;
            self.money_moves(refund, arrived);
        }
    }

    pub fn reject(&mut self, refund: usize) -> Result<(), No> {
        let Refund { state, payment, .. } = &mut self.refunds[refund];
        if *state != "pending" {
            return said(409, "Refund is not pending");
        }
        *state = "cancelled";
        self.payments[*payment].refund = None;
        Ok(())
    }

    /// The bank gave the money back, or could not. Then the vouchers are good again, unless somebody complained.
    pub fn money_moves(&mut self, refund: usize, arrived: bool) {
        let Refund { payment, amount, state, took, .. } = &mut self.refunds[refund];
        let paid = &mut self.payments[*payment];
        *state = if arrived { "completed" } else { "failed" };
        if arrived {
            paid.back += *amount;
            if paid.back == paid.total {
                paid.state = "refunded";
            }
        } else if !paid.disputed {
            for of in std::mem::take(took) {
                self.vouchers[of].called_off = false;
            }
        }
    }

    /// Who paid complains at the bank: what was not used of it is good no more, whoever has it.
    pub fn dispute(&mut self, payment: usize) {
        self.payments[payment].disputed = true;
        for of in self.payments[payment].vouchers.clone() {
            if self.vouchers[of].is_unused() {
                self.end(of);
            }
        }
    }
}
