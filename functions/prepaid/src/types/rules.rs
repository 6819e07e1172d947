//! What a voucher type may become.

use wire::{Money, Stamp};

use super::VoucherType;

/// What a type is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The name.
    pub name: String,
    /// The service.
    pub type_code: String,
    /// What it is good for.
    pub description: String,
    /// What one voucher costs.
    pub price: Money,
    /// Whether it is sold.
    pub is_active: bool,
    /// How many days a voucher is good.
    pub validity_days: u32,
    /// How often it can be used.
    pub usage_limit: u32,
    /// The services it can be redeemed for; its own, where nothing is said of them.
    pub accepted_services: Option<Vec<String>>,
}

/// A new type.
pub fn create(id: u32, wish: Wish, now: Stamp) -> VoucherType {
    let accepted_services = wish.accepted_services.unwrap_or_else(|| vec![wish.type_code.clone()]);
    VoucherType {
        id,
        name: wish.name,
        type_code: wish.type_code,
        description: wish.description,
        price: wish.price,
        is_active: wish.is_active,
        validity_days: wish.validity_days,
        usage_limit: wish.usage_limit,
        accepted_services,
        rev: 1,
        created_at: now,
        updated_at: now,
    }
}

/// The type after an edit. Where nothing differs, it is the same.
pub fn edit(before: &VoucherType, wish: Wish, now: Stamp) -> VoucherType {
    let after = VoucherType {
        rev: before.rev,
        created_at: before.created_at,
        ..create(before.id, wish, before.updated_at)
    };
    if after == *before { after } else { VoucherType { rev: before.rev + 1, updated_at: now, ..after } }
}

/// The type after it was taken out of the catalogue. It stays for what was sold of it.
pub fn retire(before: &VoucherType, now: Stamp) -> VoucherType {
    if !before.is_active {
        return before.clone();
    }
    VoucherType { is_active: false, rev: before.rev + 1, updated_at: now, ..before.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish() -> Wish {
        Wish {
            name: "Exam Results".into(),
            type_code: "result_check".into(),
            description: "Look up".into(),
            price: Money::from_minor(1000),
            is_active: true,
            validity_days: 30,
            usage_limit: 3,
            accepted_services: None,
        }
    }

    #[test]
    fn a_type_accepts_its_own_service_unless_it_says_otherwise() {
        let at = Stamp::from_seconds(5);
        assert_eq!(create(1, wish(), at).accepted_services, ["result_check"]);
        let any = Wish { accepted_services: Some(Vec::new()), ..wish() };
        assert!(create(1, any, at).accepted_services.is_empty());
    }

    #[test]
    fn an_edit_makes_new_terms_and_an_idle_one_none() {
        let (before, later) = (create(1, wish(), Stamp::from_seconds(5)), Stamp::from_seconds(9));
        let dearer = edit(&before, Wish { price: Money::from_minor(1200), ..wish() }, later);
        assert_eq!((dearer.rev, dearer.updated_at, dearer.created_at), (2, later, before.created_at));
        assert_eq!(edit(&before, wish(), later), before);
        let gone = retire(&dearer, later);
        assert_eq!((gone.rev, gone.is_active), (3, false));
        assert_eq!(retire(&gone, Stamp::from_seconds(11)), gone);
    }
}
