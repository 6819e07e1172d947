//! What a voucher shop is, in as few words as possible and without a table: what is sold, for how much, and whether
//! it was paid. Money is in cents.

use std::time::Duration;

use super::codes::{Hold, Refund, Usage, Voucher};

pub const DAY: Duration = Duration::from_hours(24);
const PATIENCE: Duration = Duration::from_hours(1);

/// Why something is not done: the status, the field, and what is said of it. Without a field, it is one sentence.
#[derive(Debug, PartialEq, Eq)]
pub struct No(pub u16, pub &'static str, pub String);

pub fn wrong<T>(field: &'static str, text: &str) -> Result<T, No> {
    Err(No(400, field, text.to_owned()))
}

pub fn said<T>(status: u16, text: &str) -> Result<T, No> {
    Err(No(status, "", text.to_owned()))
}

/// What is sold, on the terms of the moment.
#[derive(Clone, Debug)]
pub struct Type {
    pub price: i64,
    pub uses: usize,
    pub days: u32,
    pub on_sale: bool,
    /// The services that take it; all, if none is named.
    pub services: &'static [&'static str],
}

/// What a discount takes off.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    Percent(i64),
    Cents(i64),
}

#[derive(Clone, Debug)]
pub struct Discount {
    pub code: &'static str,
    pub cut: Cut,
    pub only: Option<usize>,
    pub most: Option<usize>,
    pub most_each: usize,
    pub given: bool,
    pub until: Duration,
}

/// What the bank has of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bank {
    /// It was never asked.
    Nothing,
    /// Nobody paid yet.
    Open,
    /// It wants to know who pays.
    Asks,
    /// It needs some days.
    Busy,
    /// It said no.
    Declined,
    Paid,
    CalledOff,
}

/// What somebody wants to buy.
#[derive(Clone, Debug)]
pub struct Order {
    pub who: usize,
    pub of: usize,
    pub quantity: usize,
    pub discount: Option<usize>,
    pub gift: bool,
}

#[derive(Debug)]
pub struct Payment {
    pub id: String,
    pub intent: String,
    pub order: Order,
    pub terms: Type,
    pub off: i64,
    pub total: i64,
    pub state: &'static str,
    pub bank: Bank,
    /// Whether the bank takes its time with what is given back.
    pub slow: bool,
    pub at: Duration,
    pub paid_at: Option<Duration>,
    pub vouchers: Vec<usize>,
    pub refund: Option<usize>,
    pub back: i64,
    pub disputed: bool,
}

impl Payment {
    pub fn is_paid(&self) -> bool {
        ["completed", "refunded"].contains(&self.state)
    }

    pub fn brought(&self) -> i64 {
        if self.is_paid() { self.total - self.back } else { 0 }
    }
}

#[derive(Debug, Default)]
pub struct Shop {
    /// The time since the midnight that the first day began with.
    pub now: Duration,
    pub types: Vec<Type>,
    pub discounts: Vec<Discount>,
    pub payments: Vec<Payment>,
    pub vouchers: Vec<Voucher>,
    pub usages: Vec<Usage>,
    pub holds: Vec<Hold>,
    pub refunds: Vec<Refund>,
}

impl Shop {
    /// How often a discount is in use, altogether or by one account: once by each payment that was not called off.
    pub fn uses_of(&self, discount: usize, who: Option<usize>) -> usize {
        let of = |payment: &&Payment| {
            payment.order.discount == Some(discount) && who.is_none_or(|who| payment.order.who == who)
        };
        self.payments.iter().filter(of).filter(|payment| payment.state != "cancelled").count()
    }

    /// What a discount takes off: a part is rounded half up, and it is never more than all.
    fn off(&self, order: &Order, subtotal: i64) -> Result<i64, No> {
        let Some(which) = order.discount else { return Ok(0) };
        let Some(discount) = self.discounts.get(which) else {
            return wrong("discount_code", "Invalid discount code.");
        };
        let used_up = discount.most.is_some_and(|most| self.uses_of(which, None) >= most);
        if !discount.given || self.now > discount.until || used_up {
            return wrong("discount_code", "Discount code is not valid or has expired.");
        }
        if discount.only.is_some_and(|only| only != order.of) {
            return wrong("discount_code", "Discount code does not apply to this voucher type.");
        }
        if self.uses_of(which, Some(order.who)) >= discount.most_each {
            return wrong("discount_code", "You have already used this discount code.");
        }
        Ok(match discount.cut {
            Cut::Percent(part) => (subtotal * part + 50) / 100,
            Cut::Cents(cents) => cents.min(subtotal),
        })
    }

    /// A payment that is made; complete at once, if there is nothing to pay. Its ids are told by the answer.
    pub fn order(&mut self, order: Order) -> Result<(), No> {
        let terms = self.types[order.of].clone();
        if !terms.on_sale {
            return wrong("voucher_type_id", "Invalid or inactive voucher type.");
        }
        let subtotal = terms.price * i64::try_from(order.quantity).unwrap();
        let off = self.off(&order, subtotal)?;
        let total = subtotal - off;
        if (1..50).contains(&total) {
            return wrong("non_field_errors", "The amount is below the minimum charge of 0.50 USD.");
        }
        let bank = if total == 0 { Bank::Nothing } else { Bank::Open };
        self.payments.push(Payment {
            id: String::new(),
            intent: String::new(),
            order,
            terms,
            off,
            total,
            state: "pending",
            bank,
            slow: false,
            at: self.now,
            paid_at: None,
            vouchers: Vec::new(),
            refund: None,
            back: 0,
            disputed: false,
        });
        if total == 0 {
            self.deliver(self.payments.len() - 1);
        }
        Ok(())
    }

    /// Whoever pays hands over a card, or what the bank waits for comes about, well or not.
    pub fn pay(&mut self, at: usize, card: &str) -> bool {
        let payment = &mut self.payments[at];
        let well = !card.contains("Declined");
        payment.bank = match (payment.bank, card) {
            (Bank::Asks | Bank::Busy, _) if well => Bank::Paid,
            (Bank::Asks | Bank::Busy, _) => Bank::Declined,
            (Bank::Open | Bank::Declined, card) => {
                payment.slow = card == "pm_card_pendingRefund";
                match card {
                    "pm_card_authenticationRequired" => Bank::Asks,
                    "pm_usBankAccount_success" => Bank::Busy,
                    _ if well => Bank::Paid,
                    _ => Bank::Declined,
                }
            }
            (Bank::Nothing | Bank::Paid | Bank::CalledOff, _) => return false,
        };
        true
    }

    /// Makes of a payment what the bank has of it. What is paid is delivered, once.
    pub fn settle(&mut self, at: usize) {
        let payment = &mut self.payments[at];
        if !["pending", "processing", "failed"].contains(&payment.state) {
            return;
        }
        match payment.bank {
            Bank::Nothing | Bank::Open | Bank::Asks => {}
            Bank::Busy => payment.state = "processing",
            Bank::Declined => payment.state = "failed",
            Bank::CalledOff => payment.state = "cancelled",
            Bank::Paid => self.deliver(at),
        }
    }

    fn deliver(&mut self, at: usize) {
        let payment = &mut self.payments[at];
        (payment.state, payment.paid_at) = ("completed", Some(self.now));
        for _ in 0..payment.order.quantity {
            payment.vouchers.push(self.vouchers.len());
            self.vouchers.push(Voucher {
                code: String::new(),
                owner: payment.order.who,
                payment: at,
                price: payment.terms.price,
                of: payment.order.of,
                uses: payment.terms.uses,
                services: payment.terms.services,
                used: 0,
                issued: self.now,
                ends: self.now + DAY * payment.terms.days,
                called_off: false,
                gift: payment.order.gift,
            });
        }
    }

    /// Whoever paid says so.
    pub fn confirm(&mut self, at: usize, who: usize) -> Result<(), No> {
        if self.payments[at].order.who != who {
            return said(404, "Payment not found");
        }
        self.settle(at);
        match self.payments[at].state {
            "completed" | "refunded" => Ok(()),
            "cancelled" => said(400, "Payment was cancelled"),
            _ => said(400, "Payment not successful"),
        }
    }

    /// Whatever the bank told has come.
    pub fn hear(&mut self) {
        for at in 0..self.payments.len() {
            self.settle(at);
        }
    }

    /// What nobody paid for an hour is called off.
    pub fn lose_patience(&mut self) {
        self.hear();
        for payment in &mut self.payments {
            let waits = ["pending", "failed"].contains(&payment.state);
            if waits && self.now >= payment.at + PATIENCE {
                (payment.state, payment.bank) = ("cancelled", Bank::CalledOff);
            }
        }
    }
}
