use serde_json::json;
use testkit::lists::{Expectations, check_list};
use wire::Choice;

use prepaid::vouchers::list::{OF_ALL, OF_ONE};
use prepaid::vouchers::{Status, Voucher};

use super::{Stocked, choice, ids, oldest};

fn id(voucher: &Voucher) -> String {
    voucher.id.clone()
}

#[tokio::test]
async fn of_one_account_and_of_all() {
    let shop = Stocked::shop().await;
    let (ama, kofi) = (shop.account(&shop.till.ama), shop.account(&shop.till.kofi));
    for status in Status::ALL {
        assert!(shop.vouchers.iter().any(|voucher| voucher.status == *status), "some are {status:?}");
    }
    let some = |keep: &dyn Fn(&Voucher) -> bool| ids(&shop.vouchers, id, keep);
    let mine = |voucher: &Voucher| voucher.user == kofi;
    let of_school = |voucher: &Voucher| voucher.type_code == "school";
    let code = shop.vouchers.iter().find(|voucher| mine(voucher)).unwrap().code.clone();
    let begins = format!("search={}-{}", code[..3].to_lowercase(), &code[3..6]);
    let lists = vec![
        ("", some(&mine)),
        ("ordering=issued_at", oldest(some(&mine))),
        ("status=active", some(&|voucher| mine(voucher) && voucher.status == Status::Active)),
        ("status=used&ordering=issued_at", {
            oldest(some(&|voucher| mine(voucher) && voucher.status == Status::Used))
        }),
        ("status=lost", Vec::new()),
        ("service_type=school&status=expired", {
            some(&|voucher| mine(voucher) && of_school(voucher) && voucher.status == Status::Expired)
        }),
        (&begins, some(&|voucher| mine(voucher) && voucher.code.starts_with(&code[..6]))),
        ("search=0", Vec::new()),
    ];
    let expected = Expectations { of: &shop.till.kofi.id, id, lists, refusals: Vec::new() };
    check_list(&shop.till.world.table, &OF_ONE, &expected).await;

    let (amas, kofis) = (format!("user={ama}"), format!("user={kofi}&status=active&ordering=issued_at"));
    let (found, both) = (format!("search={}", code.to_lowercase()), format!("search={}+kofi", &code[..5]));
    let lists = vec![
        ("", some(&|_| true)),
        ("ordering=issued_at", oldest(some(&|_| true))),
        ("status=cancelled&type_code=result_check", {
            some(&|voucher| voucher.status == Status::Cancelled && voucher.type_code == "result_check")
        }),
        ("type_code=school&ordering=issued_at", oldest(some(&of_school))),
        (&amas, some(&|voucher| voucher.user == ama)),
        (&kofis, oldest(some(&|voucher| mine(voucher) && voucher.status == Status::Active))),
        ("user=nobody", Vec::new()),
        ("search=AMA&type_code=school", some(&|voucher| voucher.user == ama && of_school(voucher))),
        ("search=shop&status=used", some(&|voucher| voucher.status == Status::Used)),
        (&found, some(&|voucher| voucher.code == code)),
        (&both, some(&|voucher| mine(voucher) && voucher.code.starts_with(&code[..5]))),
        ("search=nobody", Vec::new()),
    ];
    let refusals = vec![("status=lost", json!({ "status": choice("lost") }))];
    check_list(&shop.till.world.table, &OF_ALL, &Expectations { of: "", id, lists, refusals }).await;
}
