//! Payment intents: made, paid, called off.

use serde_json::{Value, json};

use super::cards::{self, Method, Outcome};
use super::desk::{Desk, id, random};
use super::params::Params;
use super::refusal::Refusal;

/// Currencies, and the least that can be charged in each.
const CURRENCIES: [(&str, i64, &str); 3] = [("usd", 50, "$0.50"), ("eur", 50, "€0.50"), ("gbp", 30, "£0.30")];

/// The most that can be charged.
const MOST: i64 = 99_999_999;

/// In which states an intent can still be paid.
const PAYABLE: [&str; 3] = ["requires_payment_method", "requires_confirmation", "requires_action"];

/// In which states an intent can still be called off.
const CANCELABLE: [&str; 4] =
    ["requires_payment_method", "requires_capture", "requires_confirmation", "requires_action"];

impl Desk<'_> {
    pub(super) fn create_intent(&self, mut params: Params) -> Result<Value, Refusal> {
        let amount = Params::amount(&params.require("amount")?)?;
        let currency = params.require("currency")?.to_ascii_lowercase();
        check(amount, &currency)?;
        let description = params.take("description")?;
        let receipt_email = params.take("receipt_email")?.map(email).transpose()?;
        let metadata = params.metadata()?;
        let automatic = params.flag("automatic_payment_methods[enabled]")?;
        let redirects = params.word("automatic_payment_methods[allow_redirects]", &["always", "never"])?;
        let method = params.take("payment_method")?.map(|id| cards::find(&id)).transpose()?;
        let confirm = params.flag("confirm")?;
        let return_url = params.take("return_url")?;
        params.end()?;
        if return_url.is_some() && !confirm {
            let message = "The parameter return_url can only be passed with confirm=true.";
            return Err(Refusal::invalid(None, message).about("return_url"));
        }
        let id = id("pi");
        let automatic = automatic
            .then(|| json!({ "allow_redirects": redirects.as_deref().unwrap_or("always"), "enabled": true }));
        let intent = json!({
            "id": id,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "automatic_payment_methods": automatic,
            "canceled_at": null,
            "cancellation_reason": null,
            "capture_method": "automatic_async",
            "client_secret": format!("{id}_secret_{}", random(25)),
            "confirmation_method": "automatic",
            "created": self.now.seconds(),
            "currency": currency,
            "customer": null,
            "description": description,
            "last_payment_error": null,
            "latest_charge": null,
            "livemode": false,
            "metadata": metadata,
            "next_action": null,
            "payment_method": method.map(|method| method.id),
            "payment_method_types": ["card", "us_bank_account"],
            "processing": null,
            "receipt_email": receipt_email,
            "setup_future_usage": null,
            "shipping": null,
            "status": if method.is_some() { "requires_confirmation" } else { "requires_payment_method" },
        });
        if !confirm {
            self.put(&intent)?;
            return Ok(intent);
        }
        let method = method.ok_or_else(|| without_method(&intent))?;
        self.attempt(intent, method)
    }

    pub(super) fn confirm_intent(&self, intent: Value, mut params: Params) -> Result<Value, Refusal> {
        let named = params.take("payment_method")?.map(|id| cards::find(&id)).transpose()?;
        params.take("return_url")?;
        params.end()?;
        let status = intent["status"].as_str().unwrap_or_default();
        if !PAYABLE.contains(&status) {
            let message = match status {
                "succeeded" => {
                    "You cannot confirm this PaymentIntent because it has already succeeded after being \
                                previously confirmed."
                        .to_owned()
                }
                _ => only(&intent, "confirm", "confirmed", &PAYABLE),
            };
            return Err(Refusal::unexpected_state(&intent, message));
        }
        let known = intent["payment_method"].as_str().map(cards::find).transpose()?;
        let method = named.or(known).ok_or_else(|| without_method(&intent))?;
        self.attempt(intent, method)
    }

    pub(super) fn cancel_intent(&self, mut intent: Value, mut params: Params) -> Result<Value, Refusal> {
        let reasons = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"];
        let reason = params.word("cancellation_reason", &reasons)?;
        params.end()?;
        if !CANCELABLE.contains(&intent["status"].as_str().unwrap_or_default()) {
            let message = only(&intent, "cancel", "canceled", &CANCELABLE);
            return Err(Refusal::unexpected_state(&intent, message));
        }
        intent["status"] = json!("canceled");
        intent["cancellation_reason"] = json!(reason);
        intent["canceled_at"] = json!(self.now.seconds());
        intent["next_action"] = Value::Null;
        self.put(&intent)?;
        self.tell("payment_intent.canceled", &intent)?;
        Ok(intent)
    }

    /// Pays an intent as its customer does in a browser.
    pub(super) fn pay(&self, intent: &str, method: &str) -> Result<Value, Refusal> {
        let params = serde_urlencoded::to_string([("payment_method", method)]).unwrap_or_default();
        self.confirm_intent(self.find("payment_intent", intent)?, Params::read([params.as_str()])?)
    }

    /// The bank knows whether it was the customer.
    pub(super) fn authenticate(&self, intent: &str, proven: bool) -> Result<Value, Refusal> {
        let intent = self.in_state("requires_action", intent)?;
        let method = cards::find(intent["payment_method"].as_str().unwrap_or_default())?;
        if proven {
            return self.paid(intent, method);
        }
        let code = "payment_intent_authentication_failure";
        let message = "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a \
                       new PaymentMethod to attempt to fulfill this PaymentIntent again.";
        self.failed(intent, method, (code, None, message)).map(|(intent, _)| intent)
    }

    /// The bank is done.
    pub(super) fn clear(&self, intent: &str, paid: bool) -> Result<Value, Refusal> {
        let intent = self.in_state("processing", intent)?;
        let method = cards::find(intent["payment_method"].as_str().unwrap_or_default())?;
        if paid {
            return self.paid(intent, method);
        }
        let message = "The customer's account has insufficient funds to cover this payment.";
        let why = ("payment_method_provider_decline", Some("insufficient_funds"), message);
        self.failed(intent, method, why).map(|(intent, _)| intent)
    }

    fn in_state(&self, status: &str, intent: &str) -> Result<Value, Refusal> {
        let intent = self.find("payment_intent", intent)?;
        if intent["status"] == status {
            return Ok(intent);
        }
        let message = format!("This PaymentIntent is {} and not {status}.", intent["status"]);
        Err(Refusal::unexpected_state(&intent, message))
    }

    fn attempt(&self, mut intent: Value, method: &Method) -> Result<Value, Refusal> {
        intent["payment_method"] = json!(method.id);
        intent["last_payment_error"] = Value::Null;
        match method.outcome {
            Outcome::Paid | Outcome::SlowRefund => self.paid(intent, method),
            Outcome::Disputed => {
                let intent = self.paid(intent, method)?;
                self.dispute(&intent)?;
                Ok(intent)
            }
            Outcome::Declined(code, decline_code, message) => {
                let (intent, charge) = self.failed(intent, method, (code, Some(decline_code), message))?;
                let method = intent["last_payment_error"]["payment_method"].clone();
                Err(Refusal::declined(code, message)
                    .with("decline_code", decline_code)
                    .with("charge", charge)
                    .with("payment_method", method)
                    .with("payment_intent", intent))
            }
            Outcome::Authentication => {
                intent["status"] = json!("requires_action");
                intent["next_action"] = json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {} });
                self.put(&intent)?;
                Ok(intent)
            }
            Outcome::Processing => {
                intent["status"] = json!("processing");
                self.put(&intent)?;
                self.tell("payment_intent.processing", &intent)?;
                Ok(intent)
            }
        }
    }

    fn paid(&self, mut intent: Value, method: &Method) -> Result<Value, Refusal> {
        let charge = self.charge(&intent, method, None)?;
        intent["status"] = json!("succeeded");
        intent["amount_received"] = intent["amount"].clone();
        intent["latest_charge"] = charge["id"].clone();
        intent["next_action"] = Value::Null;
        self.put(&intent)?;
        self.tell("payment_intent.succeeded", &intent)?;
        Ok(intent)
    }

    /// The intent after a failed attempt, and the id of its charge.
    fn failed(
        &self,
        mut intent: Value,
        method: &Method,
        (code, decline_code, message): (&str, Option<&str>, &str),
    ) -> Result<(Value, Value), Refusal> {
        let charge = self.charge(&intent, method, Some((code, message)))?["id"].clone();
        intent["status"] = json!("requires_payment_method");
        intent["payment_method"] = Value::Null;
        intent["next_action"] = Value::Null;
        intent["latest_charge"] = charge.clone();
        intent["last_payment_error"] = json!({
            "type": if method.kind == "card" { "card_error" } else { "invalid_request_error" },
            "charge": charge,
            "code": code,
            "decline_code": decline_code,
            "message": message,
            "payment_method": { "id": method.id, "object": "payment_method", "type": method.kind },
        });
        self.put(&intent)?;
        self.tell("payment_intent.payment_failed", &intent)?;
        Ok((intent, charge))
    }

    fn charge(
        &self,
        intent: &Value,
        method: &Method,
        failure: Option<(&str, &str)>,
    ) -> Result<Value, Refusal> {
        let paid = failure.is_none();
        let mut details = json!({ "type": method.kind });
        details[method.kind] = json!({ "brand": method.brand, "last4": method.last4 });
        let charge = json!({
            "id": id("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": if paid { intent["amount"].clone() } else { json!(0) },
            "amount_refunded": 0,
            "captured": paid,
            "created": self.now.seconds(),
            "currency": intent["currency"],
            "description": intent["description"],
            "disputed": false,
            "failure_code": failure.map(|(code, _)| code),
            "failure_message": failure.map(|(_, message)| message),
            "livemode": false,
            "metadata": intent["metadata"],
            "paid": paid,
            "payment_intent": intent["id"],
            "payment_method": method.id,
            "payment_method_details": details,
            "receipt_email": intent["receipt_email"],
            "refunded": false,
            "status": if paid { "succeeded" } else { "failed" },
        });
        self.put(&charge)?;
        Ok(charge)
    }

    pub(super) fn dispute_intent(&self, intent: &str) -> Result<Value, Refusal> {
        self.dispute(&self.in_state("succeeded", intent)?)
    }

    fn dispute(&self, intent: &Value) -> Result<Value, Refusal> {
        let mut charge = self.find("charge", intent["latest_charge"].as_str().unwrap_or_default())?;
        charge["disputed"] = json!(true);
        self.put(&charge)?;
        let dispute = json!({
            "id": id("dp"),
            "object": "dispute",
            "amount": charge["amount"],
            "charge": charge["id"],
            "created": self.now.seconds(),
            "currency": charge["currency"],
            "livemode": false,
            "metadata": {},
            "payment_intent": intent["id"],
            "reason": "fraudulent",
            "status": "needs_response",
        });
        self.put(&dispute)?;
        self.tell("charge.dispute.created", &dispute)?;
        Ok(dispute)
    }
}

fn check(amount: i64, currency: &str) -> Result<(), Refusal> {
    let Some((_, least, spelt)) = CURRENCIES.iter().find(|(known, ..)| *known == currency) else {
        let known = CURRENCIES.map(|(known, ..)| known).join(", ");
        let message =
            format!("Invalid currency: {currency}. Stripe currently supports these currencies: {known}");
        return Err(Refusal::invalid(None, message).about("currency"));
    };
    if amount < *least {
        let message = format!("Amount must be at least {spelt} {currency}");
        return Err(Refusal::invalid(Some("amount_too_small"), message).about("amount"));
    }
    if amount > MOST {
        let message = format!("Amount must be no more than 999,999.99 {currency}");
        return Err(Refusal::invalid(Some("amount_too_large"), message).about("amount"));
    }
    Ok(())
}

fn email(text: String) -> Result<String, Refusal> {
    let reads = text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
    let wrong = || Refusal::invalid(Some("email_invalid"), format!("Invalid email address: {text}"));
    if reads { Ok(text) } else { Err(wrong().about("receipt_email")) }
}

fn without_method(intent: &Value) -> Refusal {
    let message = "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update \
                   the PaymentIntent with a payment method and then confirm it again, or confirm it again directly \
                   with a payment method or ConfirmationToken.";
    Refusal::unexpected_state(intent, message)
}

fn only(intent: &Value, verb: &str, done: &str, states: &[&str]) -> String {
    format!(
        "You cannot {verb} this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the \
         following statuses may be {done}: {}.",
        intent["status"].as_str().unwrap_or_default(),
        states.join(", ")
    )
}
