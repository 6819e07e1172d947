//! Demo data: only where the stage is local, written as requests write, and without letters.

use platform::{Host, Stage};
use table::{Denied, Tx, again};
use uuid::Uuid;
use wire::{Fault, Money, Stamp};

use crate::Loyalty;
use crate::ids::Number;
use crate::members::{self, Member, SERIES, rules as members_rules, store as members_store};
use crate::points::rules::{Posting, book};
use crate::points::{Kind, store as points_store};
use crate::redeem::{self, code, rules as redeem_rules, store as redeem_store};
use crate::tiers::Tier;
use crate::unique;
use crate::vouchers::{self, Voucher, rules as vouchers_rules, store as vouchers_store};

/// Name, address, how many days ago they joined, and whether they are active.
const PEOPLE: [(&str, &str, i64, members::Status); 5] = [
    ("John Doe", "john.doe@email.com", 180, members::Status::Active),
    ("Jane Smith", "jane.smith@email.com", 120, members::Status::Active),
    ("Bob Johnson", "bob.johnson@email.com", 60, members::Status::Active),
    ("Alice Brown", "alice.brown@email.com", 30, members::Status::Active),
    ("Charlie Wilson", "charlie.wilson@email.com", 200, members::Status::Inactive),
];

/// What every active member of the demo earned: how much, for what, and who booked it.
const EARNED: [(i64, &str, &str); 2] = [(500, "Welcome bonus", "admin"), (300, "Purchase bonus", "staff1")];

/// Code, name, kind, value in hundredths, cost, stock, and how many days it is good.
const CATALOGUE: [(&str, &str, vouchers::Kind, i64, i64, i64, i64); 5] = [
    ("DISC50", "Diskon 50%", vouchers::Kind::Discount, 5_000, 500, 100, 90),
    ("CASH100K", "Cashback Rp 100.000", vouchers::Kind::Cashback, 10_000_000, 1000, 50, 60),
    ("FREEGIFT", "Free Gift Special", vouchers::Kind::Freebie, 0, 750, 30, 30),
    ("DISC25", "Diskon 25%", vouchers::Kind::Discount, 2_500, 250, 200, 120),
    ("BIRTHDAY50", "Birthday Special 50%", vouchers::Kind::Discount, 5_000, 300, 75, 180),
];

/// Which of the people redeemed which of the vouchers.
const REDEEMED: (usize, usize) = (1, 3);

/// Makes what is not there yet; the first member is linked to this account. Refuses every stage but the local one.
pub async fn seed(host: &Host, account: u64) -> Result<(), Fault> {
    if host.env.stage()? != Stage::Local {
        return Err(Fault::bug("demo data exists only locally"));
    }
    let loyalty = Loyalty::open(host).await?;
    let now = loyalty.clock.now();
    let mut people = Vec::new();
    for (place, person) in PEOPLE.iter().enumerate() {
        let account = (place == 0).then_some(account);
        people.extend(member(&loyalty, *person, account, now).await?);
    }
    let mut catalogue = Vec::new();
    for reward in CATALOGUE {
        catalogue.extend(voucher(&loyalty, reward, now).await?);
    }
    for member in people.iter().filter(|member| member.status == members::Status::Active) {
        earn(&loyalty, member.number(), now).await?;
    }
    match (people.get(REDEEMED.0), catalogue.get(REDEEMED.1)) {
        (Some(member), Some(voucher)) => redeem(&loyalty, member.number(), &voucher.id, now).await,
        // Somebody removed one of them; the demo is theirs.
        _ => Ok(()),
    }
}

async fn member(
    loyalty: &Loyalty,
    (name, email, days, status): (&str, &str, i64, members::Status),
    user_id: Option<u64>,
    now: Stamp,
) -> Result<Option<Member>, Fault> {
    let table = &loyalty.table;
    if let Some(known) = unique::email(email, Number(0)).owner(table).await? {
        return members_store::by_id(table, &known).await;
    }
    let number = u32::try_from(table.next_number(SERIES).await?).map_err(Fault::bug)?;
    let wish = members_rules::Wish {
        name: name.to_owned(),
        email: email.to_owned(),
        phone: format!("+62 811-000-{number:03}"),
        address: String::new(),
        join_date: now.day().plus_days(-days),
        tier_level: Tier::Bronze,
        status,
        user_id,
    };
    let member = members_rules::enrol(Number(number), wish, now);
    made(table.commit(members_store::enrol(&member)).await)?;
    Ok(Some(member))
}

async fn voucher(
    loyalty: &Loyalty,
    (code, name, kind, value, points_cost, stock, days): (&str, &str, vouchers::Kind, i64, i64, i64, i64),
    now: Stamp,
) -> Result<Option<Voucher>, Fault> {
    let table = &loyalty.table;
    if let Some(known) = unique::code(code, "").owner(table).await? {
        return vouchers_store::living(table, &known, true).await;
    }
    let wish = vouchers_rules::Wish {
        code: code.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        kind,
        discount_value: Some(Money::from_minor(value)),
        points_cost,
        stock,
        start_date: now.day(),
        end_date: now.day().plus_days(days),
        status: vouchers::Status::Active,
        limit_per_member: None,
        limit_per_day: None,
        minimum_tier: None,
    };
    let made_of = vouchers_rules::create(Uuid::now_v7().to_string(), wish, now);
    let voucher = made_of.map_err(|refusal| Fault::bug(format!("a demo voucher is refused: {refusal:?}")))?;
    made(table.commit(vouchers_store::create(&voucher)).await)?;
    Ok(Some(voucher))
}

/// Books what is not booked yet: an interrupted start leaves no member without points.
async fn earn(loyalty: &Loyalty, number: Number, now: Stamp) -> Result<(), Fault> {
    let table = &loyalty.table;
    for (place, (points, description, by)) in (0..).zip(EARNED) {
        let booked = again(async || {
            let Some(before) = members_store::living(table, number, true).await? else { return Ok(()) };
            if before.entries > place {
                return Ok(());
            }
            let posting = Posting {
                kind: Kind::Earn,
                points,
                refund: false,
                description: description.to_owned(),
                reference: None,
                by: by.to_owned(),
            };
            let booked = book(&before, posting, &loyalty.settings, now).map_err(Denied::Refused)?;
            table.commit(points_store::record(&before, &booked)).await
        });
        made(booked.await)?;
    }
    Ok(())
}

async fn redeem(loyalty: &Loyalty, number: Number, voucher: &str, now: Stamp) -> Result<(), Fault> {
    let table = &loyalty.table;
    let redeemed = again(async || {
        let (member, voucher) = tokio::try_join!(
            members_store::living(table, number, true),
            vouchers_store::living(table, voucher, true)
        )?;
        let Some((member, voucher)) = member.filter(|member| member.redemptions == 0).zip(voucher) else {
            return Ok(());
        };
        let status = redeem::Status::Completed;
        let (secret, settings) = (code::secret(), &loyalty.settings);
        let outcome = redeem_rules::redeem(&member, &voucher, status, secret, "staff1", settings, now);
        let outcome = outcome.map_err(Denied::Refused)?;
        let tx: Tx<redeem::Refusal> = redeem_store::redeem(&member, &voucher, &outcome);
        table.commit(tx).await
    });
    match redeemed.await {
        // The demo was played with: there is nothing left to show.
        Err(Denied::Refused(_)) => Ok(()),
        redeemed => made(redeemed),
    }
}

fn made<R: std::fmt::Debug>(written: Result<(), Denied<R>>) -> Result<(), Fault> {
    written.map_err(|denied| Fault::bug(format!("demo data was denied: {denied:?}")))
}
