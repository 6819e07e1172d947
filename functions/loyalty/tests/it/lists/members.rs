use std::cmp::Reverse;

use serde_json::json;
use table::Tx;
use testkit::lists::{Expectations, check_list};
use testkit::{Answer, World};
use wire::Choice;

use loyalty::ids::Number;
use loyalty::members::list::{MEMBERS, OWN};
use loyalty::members::{Member, Status, rules, store};
use loyalty::tiers::Tier;

use crate::shop::{Shop, refused};

use super::{choice, enrolled, hour, named, sorted};

fn member(number: u32) -> Member {
    let first = ["Ann", "Ben", "Cyd"][number as usize % 3];
    let last = ["Wulan", "Sari"][number as usize % 2];
    let place = number as usize;
    Member {
        total_points: if number == 23 { 2_000_000_000 } else { i64::from(number * 7 % 9) * 100 },
        tier_level: Tier::ALL[place * 3 % 7 % 4],
        status: Status::ALL[usize::from(place.is_multiple_of(4))],
        updated_at: hour(number * 11 % 24),
        ..named(number, &format!("{first} {last}"))
    }
}

fn ids(members: &[Member]) -> Vec<String> {
    members.iter().map(|member| member.number().to_string()).collect()
}

#[tokio::test]
async fn of_all_members() {
    let world = World::new().await;
    let members: Vec<Member> = (1..=23).map(member).collect();
    for member in &members {
        world.table.commit(store::enrol(member)).await.unwrap();
    }
    let left = enrolled(&world, 24, "Ann Wulan").await;
    world.table.commit(store::leave(&left, &rules::leave(&left, hour(30)))).await.unwrap();
    world.settle().await;
    let newest =
        |keep: &dyn Fn(&Member) -> bool| ids(&sorted(&members, keep, |member| Reverse(member.number)));
    let all = |_: &Member| true;
    let active = |member: &Member| member.status == Status::Active;
    let between = |member: &Member| (200..=600).contains(&member.total_points);
    let by_points = |member: &Member| (member.total_points, member.number);
    let lists = vec![
        ("", newest(&all)),
        ("ordering=id", ids(&members)),
        ("ordering=-id", newest(&all)),
        ("ordering=created_at", ids(&members)),
        ("ordering=name", ids(&sorted(&members, all, |member| member.name.clone()))),
        ("ordering=-name", ids(&sorted(&members, all, |member| Reverse(member.name.clone())))),
        ("ordering=email", ids(&sorted(&members, all, |member| member.email.clone()))),
        (
            "ordering=join_date,-id",
            ids(&sorted(&members, all, |member| (member.join_date, Reverse(member.number)))),
        ),
        ("ordering=total_points", ids(&sorted(&members, all, by_points))),
        ("ordering=-total_points", ids(&sorted(&members, all, |member| Reverse(by_points(member))))),
        ("ordering=tier_level", ids(&sorted(&members, all, |member| member.tier_level))),
        (
            "ordering=-status,name",
            ids(&sorted(&members, all, |member| (active(member), member.name.clone()))),
        ),
        ("ordering=-updated_at", ids(&sorted(&members, all, |member| Reverse(member.updated_at)))),
        ("status=Active", newest(&active)),
        (
            "status=Inactive&ordering=id",
            ids(&sorted(&members, |member| !active(member), |member| member.number)),
        ),
        ("tier_level=Gold", newest(&|member| member.tier_level == Tier::Gold)),
        (
            "tier_level=Silver&status=Active",
            newest(&|member| member.tier_level == Tier::Silver && active(member)),
        ),
        ("tier_level=Silver&ordering=name", {
            ids(&sorted(&members, |member| member.tier_level == Tier::Silver, |member| member.name.clone()))
        }),
        ("min_points=200&max_points=600", newest(&between)),
        ("min_points=200&max_points=600&ordering=total_points", ids(&sorted(&members, between, by_points))),
        ("max_points=300&ordering=-total_points", {
            ids(&sorted(&members, |member| member.total_points <= 300, |member| Reverse(by_points(member))))
        }),
        ("min_points=300&status=Active&ordering=total_points", {
            ids(&sorted(&members, |member| member.total_points >= 300 && active(member), by_points))
        }),
        (
            "min_points=-5&max_points=10000000000&ordering=total_points",
            ids(&sorted(&members, all, by_points)),
        ),
        ("min_points=10000000000&ordering=total_points", Vec::new()),
        ("max_points=-1&ordering=total_points", Vec::new()),
        ("min_points=600&max_points=200", Vec::new()),
        ("search=ann", newest(&|member| member.name.starts_with("Ann"))),
        ("search=SAR+be", newest(&|member| member.name == "Ben Sari")),
        ("search=mem-007", vec!["MEM-007".to_owned()]),
        ("search=62811012", vec!["MEM-012".to_owned()]),
        ("search=m5@mail1.test", vec!["MEM-005".to_owned()]),
        ("search=mail1&status=Inactive", Vec::new()),
        ("search=mail0&status=Inactive", newest(&|member| !active(member))),
        ("search=cyd&ordering=total_points", {
            ids(&sorted(&members, |member| member.name.starts_with("Cyd"), |member| member.total_points))
        }),
        ("search=cyd&tier_level=Gold&min_points=100", {
            newest(&|member| {
                member.name.starts_with("Cyd")
                    && member.tier_level == Tier::Gold
                    && member.total_points >= 100
            })
        }),
        ("search=nobody", Vec::new()),
    ];
    let refusals = vec![(
        "status=Gone&tier_level=Tin&min_points=x&max_points=1.5",
        json!({
            "status": choice("Gone"), "tier_level": choice("Tin"), "min_points": ["Enter a number."],
            "max_points": ["Enter a number."],
        }),
    )];
    let expected =
        Expectations { of: "", id: |member: &Member| member.number().to_string(), lists, refusals };
    check_list(&world.table, &MEMBERS, &expected).await;
}

#[tokio::test]
async fn of_ones_own_member() {
    let world = World::new().await;
    for number in [4, 5, 6] {
        world.table.commit(store::enrol(&member(number))).await.unwrap();
    }
    // Number 5: Cyd Sari, 800 points.
    let own = || vec!["MEM-005".to_owned()];
    let lists = vec![
        ("", own()),
        ("ordering=-name,id", own()),
        ("ordering=total_points", own()),
        ("status=Active", own()),
        ("status=Inactive", Vec::new()),
        ("tier_level=Silver", own()),
        ("tier_level=Platinum", Vec::new()),
        ("min_points=800&max_points=800", own()),
        ("min_points=801", Vec::new()),
        ("max_points=799", Vec::new()),
        ("search=sari", own()),
        ("search=mem-005", own()),
        ("search=62811005", own()),
        ("search=ann", Vec::new()),
        ("search=mem-006", Vec::new()),
    ];
    let refusals = vec![(
        "status=Gone&min_points=x",
        json!({ "status": choice("Gone"), "min_points": ["Enter a number."] }),
    )];
    let id = |member: &Member| member.number().to_string();
    let expected = Expectations { of: &Number(5).in_key(), id, lists, refusals };
    check_list(&world.table, &OWN, &expected).await;
    let nobody = Expectations {
        of: "nobody",
        id,
        lists: vec![(
            "status=Active&tier_level=Gold&min_points=0&max_points=9&search=sari&ordering=name",
            Vec::new(),
        )],
        refusals: Vec::new(),
    };
    check_list(&world.table, &OWN, &nobody).await;
}

#[tokio::test]
async fn of_more_than_can_be_sorted() {
    let shop = Shop::open().await;
    let members: Vec<Member> = (1..=2001).map(member).collect();
    for some in members.chunks(100) {
        shop.world.table.commit(some.iter().fold(Tx::<()>::new(), Tx::append)).await.unwrap();
    }
    let text = "There are too many matches to order them by this. Narrow them down by filters or by search.";
    for order in ["name", "-email,id"] {
        let answer = shop.get(&format!("/members/?ordering={order}")).await;
        refused(answer, json!({ "ordering": [text] }));
    }
    let first = |answer: &Answer| answer.json["results"][0]["id"].as_str().unwrap().to_owned();
    for (query, id) in [
        ("", "MEM-2001"),
        ("ordering=id", "MEM-001"),
        ("ordering=-total_points", "MEM-023"),
        ("ordering=name&status=Inactive", "MEM-012"),
        ("ordering=-name&tier_level=Gold", "MEM-002"),
    ] {
        let page = shop.get(&format!("/members/?{query}")).await.expect(200);
        assert_eq!((first(&page).as_str(), page.json["data"].as_array().unwrap().len()), (id, 50), "{query}");
    }
}
