//! Refunds: money on its way back, which may take its time or come back again.

use serde_json::{Value, json};

use super::cards::{self, Outcome};
use super::desk::{Desk, id};
use super::params::Params;
use super::refusal::Refusal;

impl Desk<'_> {
    pub(super) fn create_refund(&self, mut params: Params) -> Result<Value, Refusal> {
        let (intent, charge) = (params.take("payment_intent")?, params.take("charge")?);
        let amount = params.take("amount")?.map(|text| Params::amount(&text)).transpose()?;
        let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
        let reason = params.word("reason", &reasons)?;
        let metadata = params.metadata()?;
        params.end()?;
        let mut charge = match (intent, charge) {
            (Some(intent), None) => self.charge_of(&intent)?,
            (None, Some(charge)) => self.named("charge", "charge", &charge)?,
            (None, None) => {
                let message = "One of the following params should be provided for this request: payment_intent or \
                               charge.";
                return Err(Refusal::invalid(Some("parameter_missing"), message));
            }
            (Some(_), Some(_)) => {
                let message = "You may only specify one of these parameters: payment_intent, charge.";
                return Err(Refusal::invalid(None, message));
            }
        };
        let amount = refundable(&charge, amount)?;
        let slow = cards::find(charge["payment_method"].as_str().unwrap_or_default())?.outcome
            == Outcome::SlowRefund;
        let pending = slow || self.refunds_wait;
        give_back(&mut charge, amount);
        let refund = json!({
            "id": id("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": self.now.seconds(),
            "currency": charge["currency"],
            "failure_reason": null,
            "metadata": metadata,
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": if pending { "pending" } else { "succeeded" },
        });
        self.put(&charge)?;
        self.put(&refund)?;
        if !pending {
            self.tell("charge.refunded", &charge)?;
            self.tell("refund.updated", &refund)?;
        }
        Ok(refund)
    }

    /// The bank has the money, or sends it back; that can happen after it seemed to have arrived.
    pub(super) fn settle_refund(&self, refund: &str, arrived: bool) -> Result<Value, Refusal> {
        let mut refund = self.find("refund", refund)?;
        let status = refund["status"].as_str().unwrap_or_default();
        if status != "pending" && (arrived || status != "succeeded") {
            return Err(Refusal::invalid(None, format!("This refund is {status} for good.")));
        }
        let mut charge = self.find("charge", refund["charge"].as_str().unwrap_or_default())?;
        if arrived {
            refund["status"] = json!("succeeded");
            self.tell("charge.refunded", &charge)?;
        } else {
            refund["status"] = json!("failed");
            refund["failure_reason"] = json!("expired_or_canceled_card");
            give_back(&mut charge, -refund["amount"].as_i64().unwrap_or_default());
            self.put(&charge)?;
            self.tell("refund.failed", &refund)?;
        }
        self.put(&refund)?;
        self.tell("refund.updated", &refund)?;
        Ok(refund)
    }

    fn charge_of(&self, intent: &str) -> Result<Value, Refusal> {
        let intent = self.named("payment_intent", "payment_intent", intent)?;
        let charge = intent["latest_charge"].as_str().filter(|_| intent["status"] == "succeeded");
        let none = || {
            let id = intent["id"].as_str().unwrap_or_default();
            let message = format!("This PaymentIntent ({id}) does not have a successful charge to refund.");
            Refusal::invalid(Some("payment_intent_unexpected_state"), message).about("payment_intent")
        };
        self.find("charge", charge.ok_or_else(none)?)
    }

    /// Something that a parameter names: not to find it is the call's mistake and not its address's.
    fn named(&self, kind: &str, param: &str, id: &str) -> Result<Value, Refusal> {
        self.find(kind, id).map_err(|refusal| match refusal.status {
            404 => Refusal::invalid(Some("resource_missing"), refusal.message()).about(param),
            _ => refusal,
        })
    }
}

/// How much of a charge is to be given back: what was asked for, or all that is left.
fn refundable(charge: &Value, wanted: Option<i64>) -> Result<i64, Refusal> {
    let id = charge["id"].as_str().unwrap_or_default();
    let number = |name: &str| charge[name].as_i64().unwrap_or_default();
    let left = number("amount_captured") - number("amount_refunded");
    if charge["disputed"] == true {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(Refusal::invalid(Some("charge_disputed"), message));
    }
    if left <= 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(Refusal::invalid(Some("charge_already_refunded"), message));
    }
    let amount = wanted.unwrap_or(left);
    if amount > left {
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            wire::Money::from_minor(amount),
            wire::Money::from_minor(left)
        );
        return Err(Refusal::invalid(None, message).about("amount"));
    }
    Ok(amount)
}

fn give_back(charge: &mut Value, amount: i64) {
    let refunded = charge["amount_refunded"].as_i64().unwrap_or_default() + amount;
    charge["amount_refunded"] = json!(refunded);
    charge["refunded"] = json!(charge["amount"] == refunded);
}
