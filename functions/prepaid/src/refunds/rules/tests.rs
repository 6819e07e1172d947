use proptest::prelude::*;
use serde_json::Map;

use super::*;
use crate::types::TermsId;
use crate::vouchers::Status as VoucherStatus;

fn at(days: i64) -> Stamp {
    Stamp::from_seconds(1_772_353_800 + days * 86_400)
}

fn bought(quantity: u32, amount: i64) -> (Payment, Vec<Voucher>) {
    let vouchers: Vec<Voucher> = (0..quantity)
        .map(|place| Voucher {
            id: format!("v{place}"),
            code: format!("CODE{place}"),
            user: 7,
            email: "ama@example.org".into(),
            terms: TermsId { id: 1, rev: 1 },
            type_code: "result_check".into(),
            accepts: Vec::new(),
            price: Money::from_minor(1000),
            status: VoucherStatus::Active,
            usage_count: 0,
            total_uses: 3,
            holds: Vec::new(),
            last_used_at: None,
            issued_at: at(0),
            expires_at: at(30),
            payment: "p".into(),
            recipient: None,
            metadata: Map::new(),
            reminders: 0,
        })
        .collect();
    let payment = Payment {
        id: "p".into(),
        user: 7,
        email: "ama@example.org".into(),
        terms: TermsId { id: 1, rev: 1 },
        quantity,
        unit_price: Money::from_minor(1000),
        discount_amount: Money::ZERO,
        discount_code: None,
        amount: Money::from_minor(amount),
        refunded_amount: Money::ZERO,
        status: payments::Status::Completed,
        method: Method::Stripe,
        card: None,
        intent: Some("pi_1".into()),
        charge: Some("ch_1".into()),
        failure_reason: None,
        voucher_codes: vouchers.iter().map(|voucher| voucher.code.clone()).collect(),
        gift: None,
        refund: None,
        disputed: false,
        due: None,
        created_at: at(0),
        updated_at: at(0),
        completed_at: Some(at(0)),
    };
    (payment, vouchers)
}

fn wish(amount: Option<i64>) -> Wish {
    let amount = amount.map(Money::from_minor);
    Wish { amount, reason: Reason::CustomerRequest, notes: "bought twice".into() }
}

fn asked(payment: &Payment, vouchers: &[Voucher], amount: Option<i64>, now: Stamp) -> Result<i64, Refusal> {
    request("r".into(), payment, vouchers, wish(amount), now).map(|refund| refund.amount.minor())
}

#[test]
fn what_can_be_asked_back() {
    let (payment, vouchers) = bought(3, 1000);
    assert_eq!(asked(&payment, &vouchers, None, at(1)), Ok(1000));
    let mut used = vouchers.clone();
    used[0].usage_count = 1;
    assert_eq!(asked(&payment, &used, None, at(1)), Ok(666), "two thirds, rounded down");
    let too_much = |most| Err(Refusal::TooMuch(Money::from_minor(most)));
    for (amount, outcome) in
        [(1, Ok(1)), (666, Ok(666)), (667, too_much(666)), (0, too_much(666)), (-5, too_much(666))]
    {
        assert_eq!(asked(&payment, &used, Some(amount), at(1)), outcome, "{amount}");
    }
    for voucher in &mut used {
        voucher.usage_count = 1;
    }
    assert_eq!(asked(&payment, &used, None, at(1)), Err(Refusal::NothingLeft));
    assert_eq!(asked(&payment, &vouchers, None, at(61)), Err(Refusal::NothingLeft), "over for too long");
    let fresh: Vec<Voucher> =
        vouchers.iter().map(|voucher| Voucher { expires_at: at(400), ..voucher.clone() }).collect();
    assert_eq!(asked(&payment, &fresh, None, at(90)), Ok(1000));
    assert_eq!(asked(&payment, &fresh, None, at(91)), Err(Refusal::TooLate));
    for (refusal, payment) in [
        (Refusal::Twice, Payment { refund: Some("r".into()), ..payment.clone() }),
        (Refusal::Free, Payment { method: Method::Free, ..payment.clone() }),
        (
            Refusal::NoPayment,
            Payment { status: payments::Status::Pending, completed_at: None, ..payment.clone() },
        ),
    ] {
        assert_eq!(asked(&payment, &vouchers, None, at(1)), Err(refusal));
    }
}

#[test]
fn a_gift_that_was_claimed_does_not_come_back() {
    let (payment, mut vouchers) = bought(2, 2000);
    let both = request("r".into(), &payment, &vouchers, wish(None), at(1)).unwrap();
    vouchers[1].user = 8;
    assert_eq!(asked(&payment, &vouchers, None, at(1)), Ok(1000));
    assert_eq!(approve(&both, &payment, &vouchers, (1, String::new()), at(1)), Err(Refusal::Used));
}

#[test]
fn an_approval_takes_the_newest_unused_vouchers_or_none() {
    let (payment, mut vouchers) = bought(3, 3000);
    let refund = request("r".into(), &payment, &vouchers, wish(Some(1500)), at(1)).unwrap();
    let (approved, taken) = approve(&refund, &payment, &vouchers, (1, "fine".into()), at(2)).unwrap();
    assert_eq!(approved.vouchers_cancelled, ["CODE2", "CODE1"], "one and a half are two");
    assert!(taken.iter().all(|(_, after)| after.status == VoucherStatus::Cancelled));
    assert_eq!((approved.status, approved.admin_notes.as_str()), (Status::Processing, "fine"));
    let late = approve(&refund, &payment, &vouchers, (1, String::new()), at(100)).unwrap();
    assert_eq!(late.1.len(), 2, "it was asked for in time, however long the staff take");
    let again = approve(&approved, &payment, &vouchers, (1, String::new()), at(2));
    assert_eq!(again, Err(Refusal::NotPending));
    vouchers[0].usage_count = 1;
    vouchers[2].usage_count = 1;
    assert_eq!(approve(&refund, &payment, &vouchers, (1, String::new()), at(2)), Err(Refusal::Used));
    let rejected = reject(&refund, (1, "no".into()), at(2)).unwrap();
    assert_eq!((rejected.status, rejected.processed_at), (Status::Cancelled, Some(at(2))));
    assert_eq!(reject(&rejected, (1, String::new()), at(3)), Err(Refusal::NotPending));
}

#[test]
fn what_stripe_says_of_a_refund() {
    let (payment, vouchers) = bought(1, 1000);
    let pending = request("r".into(), &payment, &vouchers, wish(None), at(1)).unwrap();
    let (processing, _) = approve(&pending, &payment, &vouchers, (1, String::new()), at(2)).unwrap();
    let status = |said: &RefundStatus| match judge(&processing, &AtStripe::Is("re_1", said), at(3)).unwrap() {
        Verdict::Done(refund) | Verdict::Failed(refund) | Verdict::Waiting(refund) => refund.status,
    };
    for (said, becomes) in [
        (RefundStatus::Succeeded, Status::Completed),
        (RefundStatus::Failed, Status::Failed),
        (RefundStatus::Canceled, Status::Failed),
        (RefundStatus::Pending, Status::Processing),
        (RefundStatus::RequiresAction, Status::Processing),
        (RefundStatus::Other("levitating".into()), Status::Processing),
    ] {
        assert_eq!(status(&said), becomes, "{said:?}");
    }
    assert!(matches!(judge(&processing, &AtStripe::Refused, at(3)), Some(Verdict::Failed(_))));
    assert!(matches!(judge(&processing, &AtStripe::DoneBefore, at(3)), Some(Verdict::Done(_))));
    assert_eq!(judge(&pending, &AtStripe::Is("re_1", &RefundStatus::Succeeded), at(3)), None);
}

#[test]
fn a_payment_is_refunded_when_all_of_it_came_back() {
    let (payment, _) = bought(2, 2000);
    let part = given_back(&payment, Money::from_minor(500), at(1));
    assert_eq!((part.status, part.refunded_amount.minor()), (payments::Status::Completed, 500));
    let all = given_back(&part, Money::from_minor(1500), at(2));
    assert_eq!((all.status, all.refunded_amount.minor()), (payments::Status::Refunded, 2000));
}

proptest! {
    /// Never more is given back than the vouchers that are taken for it were paid with, to the cent.
    #[test]
    fn a_refund_is_covered_by_the_vouchers_it_takes(
        quantity in 1..=10_u32,
        amount in 50..100_000_i64,
        used in 0..=10_u32,
        part in 1..=100_i64,
    ) {
        let (payment, mut vouchers) = bought(quantity, amount);
        vouchers.iter_mut().take(used as usize).for_each(|voucher| voucher.usage_count = 1);
        let most = refundable(&payment, &vouchers, at(1)).minor();
        prop_assume!(most > 0);
        let wanted = (most * part / 100).max(1);
        let refund = request("r".into(), &payment, &vouchers, wish(Some(wanted)), at(1)).unwrap();
        let (_, taken) = approve(&refund, &payment, &vouchers, (1, String::new()), at(1)).unwrap();
        let taken = i64::try_from(taken.len()).unwrap();
        prop_assert!(wanted * i64::from(quantity) <= amount * taken, "covered");
        prop_assert!((wanted * i64::from(quantity)) > amount * (taken - 1), "and not one too many");
    }
}
