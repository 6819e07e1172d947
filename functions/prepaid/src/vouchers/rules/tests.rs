use proptest::prelude::*;
use serde_json::Map;
use wire::Money;

use super::*;
use crate::types::TermsId;

const SECONDS_OF_DAY: i64 = 86_400;

fn at(days: i64) -> Stamp {
    Stamp::from_seconds(1_772_353_800 + days * SECONDS_OF_DAY)
}

/// Three uses, issued today and good for thirty days.
fn voucher() -> Voucher {
    Voucher {
        id: "v".into(),
        code: "K7M2QX9RTB4H".into(),
        user: 7,
        email: "ama@example.org".into(),
        terms: TermsId { id: 1, rev: 1 },
        type_code: "result_check".into(),
        accepts: vec!["result_check".into(), "exam_results".into()],
        price: Money::from_minor(1000),
        status: Status::Active,
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
    }
}

fn held(id: &str, until: Stamp) -> Hold {
    Hold { id: id.into(), by: 9, service: "result_check".into(), until }
}

#[test]
fn uses_are_spent_one_by_one_and_the_last_one_uses_it_up() {
    let mut now = voucher();
    for (count, status) in [(1, Status::Active), (2, Status::Active), (3, Status::Used)] {
        now = spend(&now, "exam_results", at(1)).unwrap();
        assert_eq!((now.usage_count, now.status, now.last_used_at), (count, status, Some(at(1))));
    }
    assert_eq!(spend(&now, "exam_results", at(1)), Err(Refusal::NotValid));
    assert_eq!(uses_remaining(&now, at(1)), 0);
}

#[test]
fn it_is_good_until_its_last_moment_and_for_its_services() {
    let good = voucher();
    assert!(spend(&good, "result_check", good.expires_at).is_ok());
    let late = good.expires_at + Duration::from_micros(1);
    assert_eq!(spend(&good, "result_check", late), Err(Refusal::NotValid));
    assert_eq!((shown(&good, late), uses_remaining(&good, late)), (Status::Expired, 0));
    assert_eq!(spend(&good, "transcript_request", at(1)), Err(Refusal::OtherService));
    let any = Voucher { accepts: Vec::new(), ..good.clone() };
    assert!(spend(&any, "transcript_request", at(1)).is_ok());
    for status in [Status::Used, Status::Expired, Status::Cancelled] {
        let over = Voucher { status, ..good.clone() };
        assert_eq!(spend(&over, "result_check", at(1)), Err(Refusal::NotValid), "{status:?}");
    }
}

#[test]
fn days_are_counted_whole_and_never_below_none() {
    for (now, days) in
        [(at(0) + Duration::from_secs(1), 29), (at(0), 30), (at(29), 1), (at(30), 0), (at(99), 0)]
    {
        assert_eq!(days_left(&voucher(), now), days, "{now}");
    }
}

#[test]
fn a_hold_keeps_a_use_from_others_until_it_ends() {
    let single = Voucher { total_uses: 1, ..voucher() };
    let until = at(0) + Duration::from_mins(15);
    let kept = hold(&single, held("h", until), at(0)).unwrap();
    assert_eq!(spend(&kept, "result_check", at(0)), Err(Refusal::NotValid));
    assert_eq!(hold(&kept, held("i", until), at(0)), Err(Refusal::NotValid));
    assert!(spend(&kept, "result_check", until).is_ok(), "free again");
    let (done, service) = commit(&kept, "h", at(0)).unwrap();
    assert_eq!((done.status, done.holds.len(), service.as_str()), (Status::Used, 0, "result_check"));
    assert_eq!(commit(&kept, "h", until), Err(Refusal::HoldOver));
    assert_eq!(release(&kept, "h", at(0)).unwrap(), single);
    assert_eq!(release(&kept, "other", at(0)), Err(Refusal::HoldOver));
    let short = hold(&single, held("h", at(40)), at(29)).unwrap();
    assert_eq!(short.holds[0].until, single.expires_at, "no use after the end");
}

#[test]
fn what_is_given_back_can_be_used_again_unless_it_was_called_off() {
    let used = Voucher { usage_count: 3, status: Status::Used, ..voucher() };
    let back = give_back(&used);
    assert_eq!((back.usage_count, back.status), (2, Status::Active));
    let off = Voucher { usage_count: 1, status: Status::Cancelled, ..voucher() };
    assert_eq!(give_back(&off).status, Status::Cancelled);
}

#[test]
fn staff_call_off_only_what_is_active() {
    let good = Voucher { holds: vec![held("h", at(1))], ..voucher() };
    let off = cancel(&good, at(0)).unwrap();
    assert_eq!((off.status, off.holds.len()), (Status::Cancelled, 0));
    assert_eq!(cancel(&off, at(0)), Err(Refusal::NotActive));
    assert_eq!(cancel(&voucher(), at(31)), Err(Refusal::NotActive));
}

#[test]
fn another_end_brings_back_or_ends() {
    let over = Voucher { status: Status::Expired, reminders: 2, ..voucher() };
    let back = reschedule(&over, at(60), at(40)).unwrap();
    assert_eq!((back.status, back.reminders, back.expires_at), (Status::Active, 0, at(60)));
    assert_eq!(reschedule(&voucher(), at(-1), at(0)).unwrap().status, Status::Expired);
    for status in [Status::Used, Status::Cancelled] {
        let terminal = Voucher { status, ..voucher() };
        assert_eq!(reschedule(&terminal, at(60), at(0)), Err(Refusal::Terminal));
    }
}

#[test]
fn reminders_come_a_week_and_a_day_before_each_once() {
    let good = voucher();
    assert_eq!(due(&good), Some((jobs::VOUCHER_REMIND, at(23))));
    assert_eq!(remind(&good, at(22)), None);
    let first = remind(&good, at(23)).unwrap();
    assert_eq!((first.reminders, due(&first)), (1, Some((jobs::VOUCHER_REMIND, at(29)))));
    assert_eq!(remind(&first, at(24)), None);
    let second = remind(&first, at(29)).unwrap();
    assert_eq!((second.reminders, due(&second)), (2, Some((jobs::VOUCHER_EXPIRE, at(30)))));
    assert_eq!(remind(&good, at(29)).unwrap().reminders, 2, "one letter and not two at once");
    assert_eq!(expire(&second, at(30)), None, "its last moment");
    let over = expire(&second, at(31)).unwrap();
    assert_eq!((over.status, due(&over)), (Status::Expired, None));
    assert_eq!(expire(&over, at(32)), None);
}

#[test]
fn money_comes_back_for_what_nobody_touched() {
    let good = voucher();
    assert!(is_refundable(&good, at(0)) && is_refundable(&good, at(60)), "thirty days after its end, too");
    assert!(!is_refundable(&good, at(61)));
    for touched in [
        Voucher { usage_count: 1, ..good.clone() },
        Voucher { status: Status::Cancelled, ..good.clone() },
        Voucher { holds: vec![held("h", at(2))], ..good.clone() },
    ] {
        assert!(!is_refundable(&touched, at(1)) && !is_untouched(&touched, at(1)), "{touched:?}");
    }
    assert!(is_untouched(&good, at(61)), "whenever that is");
    assert!(is_unused(&Voucher { holds: vec![held("h", at(2))], ..good.clone() }), "held is not used");
    let off = called_off(&good);
    assert_eq!(restore(&off, at(1)).status, Status::Active);
    assert_eq!(restore(&off, at(31)).status, Status::Expired);
}

#[test]
fn a_gift_is_claimed_once() {
    let gift = Voucher { recipient: Some("kofi@example.org".into()), ..voucher() };
    let claimed = claim(&gift, 8, "kofi@example.org").unwrap();
    assert_eq!((claimed.user, claimed.email.as_str()), (8, "kofi@example.org"));
    assert_eq!(claim(&claimed, 9, "x@example.org"), Err(Refusal::NoGift));
    assert_eq!(claim(&voucher(), 9, "x@example.org"), Err(Refusal::NoGift));
}

#[derive(Clone, Debug)]
enum Step {
    Spend,
    Hold(u8),
    Commit(u8),
    Release(u8),
    Cancel,
    Wait(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::Spend),
        (0..3_u8).prop_map(Step::Hold),
        (0..3_u8).prop_map(Step::Commit),
        (0..3_u8).prop_map(Step::Release),
        Just(Step::Cancel),
        (1..10_u8).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 0..40)
}

proptest! {
    /// Whatever is asked in whatever order: never more uses than there are, and none after the end.
    #[test]
    fn uses_never_exceed_what_was_bought(steps in steps(), total_uses in 1..5_u32) {
        let (mut now, mut voucher) = (at(0), Voucher { total_uses, ..voucher() });
        for step in steps {
            let before = voucher.clone();
            let after = match step {
                Step::Spend => spend(&voucher, "result_check", now),
                Step::Hold(id) => hold(&voucher, held(&id.to_string(), now + DAY), now),
                Step::Commit(id) => commit(&voucher, &id.to_string(), now).map(|(after, _)| after),
                Step::Release(id) => release(&voucher, &id.to_string(), now),
                Step::Cancel => cancel(&voucher, now),
                Step::Wait(days) => {
                    now = now + DAY * u32::from(days);
                    continue;
                }
            };
            voucher = after.unwrap_or(before.clone());
            let live = voucher.holds.iter().filter(|hold| hold.until > now).count();
            prop_assert!(voucher.usage_count as usize + live <= total_uses as usize);
            prop_assert!(voucher.usage_count == before.usage_count || now <= voucher.expires_at);
            prop_assert_eq!(voucher.status == Status::Used, voucher.usage_count == total_uses && voucher.status != Status::Cancelled);
        }
    }
}
