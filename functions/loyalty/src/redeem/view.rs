//! What is shown of a redemption.

use serde::Serialize;
use utoipa::ToSchema;
use wire::{Day, Stamp};

use super::{Redemption, Status};
use crate::ids::Number;

/// A redemption.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RedemptionView {
    id: String,
    member: String,
    member_id: String,
    member_name: String,
    member_email: String,
    voucher: String,
    voucher_id: String,
    voucher_code: String,
    voucher_name: String,
    /// What was paid.
    points_cost: i64,
    /// The same as `points_cost`.
    points_used: i64,
    #[schema(value_type = String, example = "Pending")]
    status: Status,
    /// What its owner shows at the till.
    redemption_code: String,
    /// The voucher's last day at that time.
    valid_until: Day,
    redeem_date: Stamp,
    used_date: Option<Stamp>,
    created_at: Stamp,
    updated_at: Stamp,
}

impl From<Redemption> for RedemptionView {
    fn from(redemption: Redemption) -> Self {
        let member = Number(redemption.member).to_string();
        Self {
            redemption_code: redemption.code(),
            id: redemption.id,
            member: member.clone(),
            member_id: member,
            member_name: redemption.member_name,
            member_email: redemption.member_email,
            voucher: redemption.voucher.clone(),
            voucher_id: redemption.voucher,
            voucher_code: redemption.voucher_code,
            voucher_name: redemption.voucher_name,
            points_cost: redemption.points_cost,
            points_used: redemption.points_cost,
            status: redemption.status,
            valid_until: redemption.valid_until,
            redeem_date: redemption.created_at,
            used_date: redemption.used_date,
            created_at: redemption.created_at,
            updated_at: redemption.updated_at,
        }
    }
}
