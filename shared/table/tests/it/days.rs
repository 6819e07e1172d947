//! Figures by the day.

use table::{Deltas, Tx, metered, of_day, scope_of};
use testkit::{Fault, World};
use wire::Day;

const SCOPE: &str = "TEST#SALES";

fn day(n: i64) -> Day {
    Day::parse("2026-03-01").unwrap().plus_days(n)
}

fn sold(on: Day, coins: i64) -> Tx<()> {
    Tx::new().tally(&of_day(SCOPE, on), [("sales", 1), ("coins", coins)])
}

#[tokio::test]
async fn each_day_has_figures_of_its_own() {
    let world = World::new().await;
    let table = world.troubled_table();
    world.faults.chance(7, &[(Fault::Conflict, 20), (Fault::Twice, 10)]);
    let sales = (0..90).map(|n| table.commit(sold(day(n % 3), n)));
    for sale in futures_util::future::join_all(sales).await {
        sale.unwrap();
    }
    world.faults.stop();
    let both = Tx::<()>::new().tally(&of_day(SCOPE, day(0)), [("sales", -1)]);
    table.commit(both.tally(&of_day(SCOPE, day(9)), [("sales", 1)])).await.unwrap();
    for (from, to, expected) in [
        (0, 9, vec![(0, 29, 1_305), (1, 30, 1_335), (2, 30, 1_365), (9, 1, 0)]),
        (1, 2, vec![(1, 30, 1_335), (2, 30, 1_365)]),
        (3, 8, vec![]),
        (2, 1, vec![]),
    ] {
        let found = world.table.figures_by_day(SCOPE, day(from), day(to)).await.unwrap();
        let found: Vec<_> =
            found.iter().map(|(day, figures)| (*day, figures.get("sales"), figures.get("coins"))).collect();
        let expected: Vec<_> = expected.into_iter().map(|(n, sales, coins)| (day(n), sales, coins)).collect();
        assert_eq!(found, expected, "{from} to {to}");
    }
    let one = world.table.figures(&of_day(SCOPE, day(1))).await.unwrap();
    assert_eq!((one.get("sales"), one.get("coins")), (30, 1_335));
}

#[tokio::test]
async fn a_day_is_corrected_by_itself() {
    let world = World::new().await;
    world.table.commit(sold(day(0), 5)).await.unwrap();
    world.table.commit(sold(day(1), 7)).await.unwrap();
    let scope = of_day(SCOPE, day(1));
    let reading = world.table.reading(&scope).await.unwrap();
    let lacking = Deltas::from([("coins".to_owned(), -2)]);
    world.table.correct(&scope, &reading, &lacking).await.unwrap();
    assert!(world.table.correct(&scope, &reading, &lacking).await.is_err(), "somebody did already");
    assert_ne!(world.table.reading(&scope).await.unwrap(), reading);
    let days = world.table.figures_by_day(SCOPE, day(0), day(1)).await.unwrap();
    assert_eq!(days.values().map(|figures| figures.get("coins")).collect::<Vec<_>>(), [5, 5]);
    let rows = world.partition("TALLY#TEST#SALES").await;
    let scopes: Vec<String> = rows.iter().map(|item| scope_of(item).unwrap()).collect();
    assert_eq!(scopes, [of_day(SCOPE, day(0)), scope.clone(), scope]);
}

#[tokio::test]
async fn a_year_of_days_is_one_query() {
    let world = World::new().await;
    for on in 0..365 {
        world.table.commit(sold(day(on), on)).await.unwrap();
    }
    let year = world.table.figures_by_day(SCOPE, day(0), day(364));
    let (year, usage) = metered(year).await;
    let sum = |name| year.as_ref().unwrap().values().map(|figures| figures.get(name)).sum::<i64>();
    assert_eq!((sum("sales"), sum("coins"), usage.calls), (365, 364 * 365 / 2, 1));
}
