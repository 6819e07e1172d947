//! The pages, as somebody clicks through them.

use standins::stripe::Trouble;

use super::{Told, ask, intent, paid};
use crate::world::World;

async fn open(world: &World, path: &str) -> Told {
    ask(world, "GET", path, &[], "").await
}

/// Sends a form and follows where it leads.
async fn click(world: &World, path: &str, form: &str) -> Told {
    let told = ask(world, "POST", path, &[], form).await.expect(303);
    // Relative to the page that was asked for, as a browser sees it.
    let base = path.rsplit_once('/').unwrap().0;
    let (mut parts, target): (Vec<&str>, _) = (base.split('/').collect(), told.header("location"));
    let (route, query) = target.split_once('?').unwrap_or((target, ""));
    for part in route.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let path = parts.join("/");
    let path = if path.is_empty() { "/".to_owned() } else { path };
    open(world, &format!("{path}?{query}")).await
}

#[tokio::test]
async fn somebody_pays_on_the_page() {
    let world = World::new();
    let (id, secret) = intent(&world).await;
    let known = format!("client_secret={secret}&return_url=https%3A%2F%2Fshop.test%2Fdone");
    let page = open(&world, &format!("/pay/{id}?{known}")).await.expect(200);
    for shown in [
        "19.99 USD",
        "pm_card_visa_chargeDeclined",
        "pm_card_authenticationRequired",
        "https:&#x2f;&#x2f;shop.test",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let pay = |method: &str| format!("{known}&payment_method={method}");
    let confirm = format!("/pay/{id}/confirm");
    let page = click(&world, &confirm, &pay("pm_card_chargeDeclinedExpiredCard")).await.expect(200);
    assert!(page.text.contains("Your card has expired.") && page.text.contains("Pay with"), "{}", page.text);
    let page = click(&world, &confirm, &pay("pm_card_authenticationRequired")).await.expect(200);
    assert!(page.text.contains("Complete authentication"), "{}", page.text);
    let page =
        click(&world, &format!("/pay/{id}/authenticate"), &format!("{known}&good=false")).await.expect(200);
    assert!(page.text.contains("failed authentication"), "{}", page.text);
    let page = click(&world, &confirm, &pay("pm_usBankAccount_success")).await.expect(200);
    assert!(page.text.contains("The bank pays"), "{}", page.text);
    let page = click(&world, &format!("/pay/{id}/clear"), &format!("{known}&good=true")).await.expect(200);
    assert!(page.text.contains("<b>Paid.</b>") && page.text.contains("Back to the shop"), "{}", page.text);
    assert_eq!(world.cloud.stripe.object(&id).unwrap().unwrap()["status"], "succeeded");
}

#[tokio::test]
async fn a_page_is_for_who_has_the_secret_and_leads_nowhere_else() {
    let world = World::new();
    let (id, secret) = intent(&world).await;
    for path in [
        format!("/pay/{id}"),
        format!("/pay/{id}?client_secret=x"),
        format!("/pay/pi_1?client_secret={secret}"),
    ] {
        open(&world, &path).await.expect(404);
    }
    let form = "client_secret=x&payment_method=pm_card_visa";
    ask(
        &world,
        "POST",
        &format!("/pay/{id}/confirm"),
        &[("content-type", "application/x-www-form-urlencoded")],
        form,
    )
    .await
    .expect(404);
    for url in ["javascript:alert(1)", "//elsewhere.test", "data:text/html,x"] {
        let page =
            open(&world, &format!("/pay/{id}?client_secret={secret}&return_url={url}")).await.expect(200);
        assert!(!page.text.contains("Back to the shop"), "{url}");
    }
    let (id, _) =
        (super::post(&world, "/v1/payment_intents", "amount=99&currency=usd&description=<script>").await, 0);
    let page = open(&world, "/").await.expect(200);
    assert!(page.text.contains(&id.text_at("/id")) && !page.text.contains("<script>"), "{}", page.text);
}

#[tokio::test]
async fn developers_see_and_order_trouble() {
    let world = World::new();
    assert!(open(&world, "/").await.expect(200).text.contains("Nobody wants to pay anything yet."));
    let stripe = &world.cloud.stripe;
    let id = paid(&world, "pm_card_pendingRefund").await;
    let refund = super::post(&world, "/v1/refunds", &format!("payment_intent={id}")).await.text_at("/id");
    let page = open(&world, "/").await.expect(200);
    for shown in [&id, &refund, "payment_intent.succeeded", "waiting", "It arrives"] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let page = click(&world, &format!("/refunds/{refund}/settle"), "good=true").await.expect(200);
    assert!(!page.text.contains("It arrives") && page.text.contains("It comes back"), "{}", page.text);
    for dispatch in stripe.due().unwrap() {
        stripe.sent(&dispatch, 200).unwrap();
    }
    let (_, event) = stripe.events().unwrap().remove(0);
    let page = click(&world, &format!("/events/{event}/again"), "x=").await.expect(200);
    assert!(page.text.contains("1 attempt, answered 200"), "{}", page.text);
    assert_eq!(stripe.due().unwrap().len(), 1);
    click(&world, "/trouble", "lost=on&held=on&wait=on").await.expect(200);
    let expected = Trouble { lost_answers: 4, events_held: true, refunds_wait: true, ..Trouble::default() };
    assert_eq!(stripe.trouble(), expected);
    let page = click(&world, "/trouble", "unavailable=on&twice=on&reversed=on").await.expect(200);
    assert_eq!(page.text.matches(" checked").count(), 3);
}
