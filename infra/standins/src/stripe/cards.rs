//! Stripe's test payment methods, and what comes of each.

use super::refusal::Refusal;

/// Something to pay with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Method {
    pub(super) id: &'static str,
    /// What people call it.
    pub(super) title: &'static str,
    /// `card`, or a debit from a bank's account.
    pub(super) kind: &'static str,
    pub(super) brand: &'static str,
    pub(super) last4: &'static str,
    pub(super) outcome: Outcome,
}

/// What comes of paying with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is paid.
    Paid,
    /// It is paid, and money that is given back takes its time.
    SlowRefund,
    /// It is paid, and then the customer wants it back from the bank.
    Disputed,
    /// The bank says no: code, decline code, and the sentence for the customer.
    Declined(&'static str, &'static str, &'static str),
    /// The bank wants to know whether it is the customer.
    Authentication,
    /// The bank needs some days.
    Processing,
}

const fn card(
    id: &'static str,
    title: &'static str,
    brand: &'static str,
    last4: &'static str,
    outcome: Outcome,
) -> Method {
    Method { id, title, kind: "card", brand, last4, outcome }
}

const DECLINED: Outcome = Outcome::Declined("card_declined", "generic_decline", "Your card was declined.");
const NO_FUNDS: Outcome =
    Outcome::Declined("card_declined", "insufficient_funds", "Your card has insufficient funds.");
const LOST: Outcome = Outcome::Declined("card_declined", "lost_card", "Your card was declined.");
const STOLEN: Outcome = Outcome::Declined("card_declined", "stolen_card", "Your card was declined.");
const EXPIRED: Outcome = Outcome::Declined("expired_card", "expired_card", "Your card has expired.");
const WRONG_CODE: Outcome =
    Outcome::Declined("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.");
const CONFUSED: Outcome = Outcome::Declined(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
);

/// All there are, in the order in which people are offered them.
pub(super) const METHODS: [Method; 13] = [
    card("pm_card_visa", "Visa", "visa", "4242", Outcome::Paid),
    card("pm_card_mastercard", "Mastercard", "mastercard", "4444", Outcome::Paid),
    card(
        "pm_card_authenticationRequired",
        "The bank asks who you are",
        "visa",
        "3184",
        Outcome::Authentication,
    ),
    card("pm_card_visa_chargeDeclined", "Declined", "visa", "0002", DECLINED),
    card(
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "Declined: not enough money",
        "visa",
        "9995",
        NO_FUNDS,
    ),
    card("pm_card_visa_chargeDeclinedLostCard", "Declined: lost card", "visa", "9987", LOST),
    card("pm_card_visa_chargeDeclinedStolenCard", "Declined: stolen card", "visa", "9979", STOLEN),
    card("pm_card_chargeDeclinedExpiredCard", "Declined: expired card", "visa", "0069", EXPIRED),
    card("pm_card_chargeDeclinedIncorrectCvc", "Declined: wrong security code", "visa", "0127", WRONG_CODE),
    card("pm_card_chargeDeclinedProcessingError", "Declined: the bank is confused", "visa", "0119", CONFUSED),
    card("pm_card_pendingRefund", "Visa whose refunds take their time", "visa", "7726", Outcome::SlowRefund),
    card("pm_card_createDispute", "Visa whose owner disputes it at once", "visa", "0259", Outcome::Disputed),
    Method {
        id: "pm_usBankAccount_success",
        title: "Bank account, which takes days",
        kind: "us_bank_account",
        brand: "stripe test bank",
        last4: "6789",
        outcome: Outcome::Processing,
    },
];

/// A method by its id.
pub(super) fn find(id: &str) -> Result<&'static Method, Refusal> {
    let missing = || {
        Refusal::invalid(Some("resource_missing"), format!("No such PaymentMethod: '{id}'"))
            .about("payment_method")
    };
    METHODS.iter().find(|method| method.id == id).ok_or_else(missing)
}
