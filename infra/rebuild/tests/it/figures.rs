use identity::demo;
use rebuild::Finding;
use serde_json::json;
use table::{Condition, Key, Tx, Update};
use testkit::{Fault, World};

use crate::days::Day;
use crate::rebuild;

const ACCOUNTS: &str = "IDENTITY#ACCOUNTS";

/// Changes a kept figure past everything that keeps it right.
async fn tamper(world: &World, scope: &str, row: &str, name: &str, by: i64) {
    let key = Key::new(format!("TALLY#{scope}"), row);
    let update = Update::when(key, Condition::always()).of_kind("tally").add(name, by);
    world.table.commit(Tx::new().update(update, ())).await.unwrap();
}

/// Trouble that writes meet, in chances of a hundred for each call.
const TROUBLE: [(Fault, u32); 4] =
    [(Fault::Conflict, 4), (Fault::Lost, 3), (Fault::Twice, 6), (Fault::Stale, 10)];

async fn figures_hold_after_a_day(seed: u64) {
    let world = World::new().await;
    let mut day = Day::begin(&world).await;
    world.faults.chance(seed, &TROUBLE);
    day.pass(500, seed).await;
    world.faults.stop();
    let report = rebuild(&world).check().await.unwrap();
    assert!(report.is_right(), "seed {seed}\n{report}");
    assert_eq!(report.of(ACCOUNTS), Some(&Finding::Right));
    assert!(world.recount().await > 30, "too quiet a day");
}

#[tokio::test]
async fn after_a_bad_day_figures_are_what_their_rows_come_to() {
    figures_hold_after_a_day(1).await;
}

#[tokio::test]
async fn after_another_bad_day_they_are_as_well() {
    figures_hold_after_a_day(2).await;
}

#[tokio::test]
async fn contexts_that_call_their_rows_the_same_are_counted_apart() {
    let world = World::new().await;
    local::demo::seed(&world.whole).await.unwrap();
    let login = json!({ "email": demo::ADMIN.email, "password": demo::ADMIN.password });
    let access = world.post("/api/prepaid/auth/login/", &login).send().await.expect(200).text_at("access");
    let order = json!({ "voucher_type_id": "1", "quantity": 2, "payment_method_id": "pm_card_visa" });
    world.post("/api/prepaid/vouchers/purchase/", &order).bearer(&access).send().await.expect(201);
    let report = rebuild(&world).check().await.unwrap();
    assert!(report.is_right(), "{report}");
    for scope in ["LOYALTY#FIGURES", "PREPAID#FIGURES"] {
        assert_eq!(report.of(scope), Some(&Finding::Right), "{scope}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_and_mended() {
    let world = World::new().await;
    let day = Day::begin(&world).await;
    tamper(&world, ACCOUNTS, "3", "total", 5).await;
    tamper(&world, ACCOUNTS, "0", "ghosts", 1).await;
    let rebuild = rebuild(&world);
    let report = rebuild.check().await.unwrap();
    assert_eq!(
        report.to_string(),
        "WRONG    IDENTITY#ACCOUNTS: ghosts is kept as 1, its rows come to 0\n\
         WRONG    IDENTITY#ACCOUNTS: total is kept as 9, its rows come to 4\n\
         right    IDENTITY#DAYS@2026-03-01\n"
    );
    rebuild.repair(&report).await.unwrap();
    assert!(rebuild.check().await.unwrap().is_right());
    let figures = world.table.figures(ACCOUNTS).await.unwrap();
    assert_eq!(figures.iter().collect::<Vec<_>>(), [("active", 4), ("total", 4)]);

    // A second time it is an addition to the first.
    tamper(&world, ACCOUNTS, "7", "active", -2).await;
    rebuild.repair(&rebuild.check().await.unwrap()).await.unwrap();
    assert!(rebuild.check().await.unwrap().is_right());
    day.judge(day.someone(), "blocked").await.expect(200);
    assert!(rebuild.check().await.unwrap().is_right());
}

#[tokio::test]
async fn the_figures_of_a_day_are_counted_and_mended_by_themselves() {
    let world = World::new().await;
    let _day = Day::begin(&world).await;
    tamper(&world, "IDENTITY#DAYS", "2026-03-01#2", "active", 2).await;
    tamper(&world, "IDENTITY#DAYS", "2026-02-01#2", "joined", 1).await;
    let rebuild = rebuild(&world);
    let report = rebuild.check().await.unwrap();
    assert_eq!(
        report.to_string(),
        "right    IDENTITY#ACCOUNTS\n\
         WRONG    IDENTITY#DAYS@2026-02-01: joined is kept as 1, its rows come to 0\n\
         WRONG    IDENTITY#DAYS@2026-03-01: active is kept as 6, its rows come to 4\n"
    );
    rebuild.repair(&report).await.unwrap();
    assert!(rebuild.check().await.unwrap().is_right());
    let (from, to) = (wire::Day::parse("2026-02-01").unwrap(), wire::Day::parse("2026-03-01").unwrap());
    let days = world.table.figures_by_day("IDENTITY#DAYS", from, to).await.unwrap();
    let figures = |day| days[&day].iter().collect::<Vec<_>>();
    assert_eq!((figures(from), figures(to)), (vec![], vec![("active", 4), ("joined", 4)]));
}

#[tokio::test]
async fn figures_of_rows_that_are_all_gone_come_to_nothing() {
    let world = World::new().await;
    tamper(&world, "IDENTITY#FORGOTTEN", "2", "total", 3).await;
    let rebuild = rebuild(&world);
    let report = rebuild.check().await.unwrap();
    assert!(!report.is_right());
    rebuild.repair(&report).await.unwrap();
    assert!(rebuild.check().await.unwrap().is_right());
}

#[tokio::test]
async fn figures_that_nobody_can_count_are_told_and_left_alone() {
    let world = World::new().await;
    tamper(&world, "CASINO#CHIPS", "2", "total", 3).await;
    let rebuild = rebuild(&world);
    let report = rebuild.check().await.unwrap();
    assert_eq!(report.of("CASINO#CHIPS"), Some(&Finding::Unknown));
    assert!(!report.is_right());
    rebuild.repair(&report).await.unwrap();
    assert_eq!(world.table.figures("CASINO#CHIPS").await.unwrap().get("total"), 3);
}

#[tokio::test]
async fn what_is_written_between_the_count_and_its_repair_stays() {
    let world = World::new().await;
    let day = Day::begin(&world).await;
    tamper(&world, ACCOUNTS, "3", "total", 5).await;
    let rebuild = rebuild(&world);
    let report = rebuild.check().await.unwrap();
    day.register("meanwhile").await;
    day.judge(day.someone(), "blocked").await.expect(200);
    rebuild.repair(&report).await.unwrap();
    let after = rebuild.check().await.unwrap();
    assert!(after.is_right(), "{after}");
}

#[tokio::test]
async fn of_two_repairs_of_the_same_one_happens() {
    let world = World::new().await;
    Day::begin(&world).await;
    tamper(&world, ACCOUNTS, "3", "total", 5).await;
    let (one, other) = (rebuild(&world), rebuild(&world));
    let reports = tokio::join!(one.check(), other.check());
    let reports = (reports.0.unwrap(), reports.1.unwrap());
    let repairs = tokio::join!(one.repair(&reports.0), other.repair(&reports.1));
    repairs.0.and(repairs.1).unwrap();
    let after = one.check().await.unwrap();
    assert!(after.is_right(), "{after}");
}

/// While people come and change, a repair either waits until it can tell or leaves the figures alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repairs_in_a_busy_table_lose_nothing() {
    let world = World::new().await;
    let mut day = Day::begin(&world).await;
    tamper(&world, ACCOUNTS, "3", "total", 5).await;
    tamper(&world, ACCOUNTS, "4", "active", -1).await;
    let rebuild = rebuild(&world);
    let repairs = async {
        let mut told = 0;
        for _ in 0..12 {
            let report = rebuild.check().await.unwrap();
            told += usize::from(report.of(ACCOUNTS) != Some(&Finding::Moving));
            rebuild.repair(&report).await.unwrap();
        }
        told
    };
    tokio::join!(day.pass(60, 1), repairs);
    // Whatever the repairs could tell in between: now nothing moves.
    rebuild.repair(&rebuild.check().await.unwrap()).await.unwrap();
    let after = rebuild.check().await.unwrap();
    assert!(after.is_right(), "{after}");
    assert_eq!(
        world.recount().await,
        usize::try_from(world.table.figures(ACCOUNTS).await.unwrap().get("total")).unwrap()
    );
}

#[tokio::test]
async fn figures_that_return_to_what_they_were_have_moved() {
    let world = World::new().await;
    let day = Day::begin(&world).await;
    let before = world.table.reading(ACCOUNTS).await.unwrap();
    assert_eq!(before, world.table.reading(ACCOUNTS).await.unwrap());
    for status in ["blocked", "active"] {
        day.judge(day.someone(), status).await.expect(200);
    }
    let after = world.table.reading(ACCOUNTS).await.unwrap();
    assert_eq!(after.figures.iter().collect::<Vec<_>>(), before.figures.iter().collect::<Vec<_>>());
    assert_ne!(after, before);
}
