//! What does not add up is noticed, and long histories are counted as exactly as short ones.

use std::sync::Arc;

use loyalty::ids::{Number, Place, Series};
use loyalty::members::store as members;
use loyalty::points::{Entry, store as points};
use loyalty::redeem::store as redeem;
use loyalty::vouchers::store as vouchers;
use serde_json::json;
use table::{Condition, Key, Tx, Update};

use crate::shop::Shop;

/// Adds to a number past everything that keeps it right.
async fn tamper(shop: &Shop, key: &Key, name: &str, by: i64) {
    let update = Update::when(key.clone(), Condition::exists()).add(name, by);
    shop.world.table.commit(Tx::new().update(update, ())).await.unwrap();
}

#[tokio::test]
async fn whatever_does_not_add_up_is_noticed() {
    let shop = Shop::open().await;
    let voucher = shop.voucher_like("KOPI20", json!({ "limit_per_member": 3, "limit_per_day": 9 })).await;
    let member = shop.member_with("Sari", 600).await;
    shop.redeemed(&member, &voucher).await;
    let place = |series| Place { series, member: Number(1), running: 1 };
    let row = members::living_key(Number(1));
    let (entry, redemption) =
        (points::entry_key(place(Series::Points)), redeem::redemption_key(place(Series::Redemptions)));
    let living = vouchers::living_key(&voucher);
    let limit = Key::new(points::member_partition(Number(1)), format!("LIMIT#{voucher}"));
    let drawn = shop.world.partition("TALLY#LOYALTY#FIGURES").await;
    let tally = table::key_of(&drawn[0]).unwrap();
    let numbers = [
        (&row, "total_points"),
        (&row, "credited"),
        (&row, "entries"),
        (&row, "redemptions"),
        (&row, "earned"),
        (&row, "pending"),
        (&row, "spent"),
        (&entry, "points"),
        (&entry, "balance"),
        (&entry, "running"),
        (&redemption, "points_cost"),
        (&limit, "count"),
        (&living, "sold"),
        (&tally, "held"),
        (&tally, "earned"),
        (&tally, "pending"),
    ];
    let shop = Arc::new(shop);
    for (key, name) in numbers {
        tamper(&shop, key, name, 1).await;
        let counting = tokio::spawn({
            let shop = shop.clone();
            async move { shop.recount().await }
        });
        assert!(counting.await.is_err(), "{name} of {key:?}");
        tamper(&shop, key, name, -1).await;
    }
    assert_eq!(shop.recount().await[&voucher], (9, 1));
}

#[tokio::test]
async fn a_long_ledger_is_counted_to_the_last_row() {
    const MANY: u32 = 2100;
    let shop = Shop::open().await;
    let member = shop.member_with("Sari", 100).await;
    let table = &shop.world.table;
    let place = |running| Place { series: Series::Points, member: Number(1), running };
    let first: Entry = table.get_strong(&points::entry_key(place(1))).await.unwrap().unwrap();
    let rows: Vec<Entry> = (2..=MANY)
        .map(|running| Entry { id: place(running).id(first.at), running, ..first.clone() })
        .collect();
    for rows in rows.chunks(100) {
        table.commit(rows.iter().fold(Tx::new(), |tx, row: &Entry| tx.insert(row, ()))).await.unwrap();
    }
    tamper(&shop, &members::living_key(Number(1)), "entries", i64::from(MANY) - 1).await;
    let ledger = shop.get(&format!("/points/member/{member}/")).await.expect(200);
    assert_eq!(
        (ledger.json["count"].as_u64(), ledger.json["data"].as_array().map(Vec::len)),
        (Some(2100), Some(1000))
    );
    for path in [format!("/points/?member={member}&page_size=20"), "/points/?page_size=20&page=2".to_owned()]
    {
        shop.world.cost();
        let page = shop.get(&path).await.expect(200);
        assert_eq!(page.json["results"].as_array().map(Vec::len), Some(20), "{path}");
        assert!(shop.world.cost().reads < 9.0, "{path}");
    }
    let of_member = shop.get(&format!("/points/?member={member}&page_size=20")).await.expect(200);
    assert_eq!(of_member.json["count"], 2100);
    shop.remove(&format!("/members/{member}/")).await.expect(200);
    let gone = shop.get(&format!("/points/?member={member}&page_size=20")).await.expect(200);
    assert_eq!(gone.json["count"], 2100, "of somebody who left as well");
}
