//! What an account tells of itself: as it is shown, and as it is edited.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};
use wire::{
    Day, Field, FieldErrors, Given, Messages, Object, Prose, Stamp, WebAddress, Whole, folded, input,
};

use crate::account::rules::Edit;
use crate::account::{Account, Profile};
use crate::prepaid::is_staff;

/// The most bytes of an object of the client's own making.
const LONGEST: usize = 4096;

/// The letters that an account may do without.
const LETTERS: [&str; 3] = ["purchase_email", "redemption_email", "expiry_email"];

/// An account, as prepaid shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "clients look for each of them")]
pub(super) struct UserView {
    id: String,
    username: String,
    email: String,
    first_name: String,
    last_name: String,
    full_name: String,
    phone_number: Option<String>,
    address: Option<String>,
    date_of_birth: Option<Day>,
    profile_picture: Option<String>,
    is_verified: bool,
    is_active: bool,
    /// Whether they run the shop.
    is_staff: bool,
    /// Whether they run the platform.
    is_superuser: bool,
    student_id: Option<String>,
    institution: Option<String>,
    graduation_year: Option<i64>,
    profile: ExtendedView,
    date_joined: Stamp,
    created_at: Stamp,
    updated_at: Stamp,
}

impl UserView {
    /// The view of an account.
    pub(super) fn of(account: &Account) -> Self {
        let (principal, profile) = (account.principal.clone(), account.profile.clone());
        let filled = |text: String| (!text.is_empty()).then_some(text);
        Self {
            id: principal.id.to_string(),
            full_name: account.full_name(),
            is_verified: account.email_verified,
            is_active: principal.status.may_enter(),
            is_staff: is_staff(&principal),
            is_superuser: access::PLATFORM.role(&principal.roles) == access::PLATFORM.administrator,
            email: folded(&principal.email),
            username: principal.username,
            first_name: principal.first_name,
            last_name: principal.last_name,
            profile: ExtendedView::of(account),
            phone_number: filled(profile.phone_number),
            address: filled(profile.address),
            date_of_birth: profile.date_of_birth,
            profile_picture: filled(profile.picture),
            student_id: filled(profile.student_id),
            institution: filled(profile.institution),
            graduation_year: profile.graduation_year,
            date_joined: account.joined,
            created_at: account.joined,
            updated_at: account.updated,
        }
    }
}

/// The part of an account that clients look for under `profile`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ExtendedView {
    bio: String,
    location: String,
    website: String,
    notification_preferences: Map<String, Value>,
    privacy_settings: Map<String, Value>,
}

impl ExtendedView {
    /// The view of an account.
    pub(super) fn of(account: &Account) -> Self {
        let Profile { bio, location, website, notification_preferences, privacy_settings, .. } =
            account.profile.clone();
        Self { bio, location, website, notification_preferences, privacy_settings }
    }
}

input! {
    /// What an account tells of itself; what is not sent stays as it is.
    pub struct UserEdit {
        first_name: Given<Prose<150>> = Given::default(),
        last_name: Given<Prose<150>> = Given::default(),
        phone_number: Given<Option<Prose<20>>> = Given::default(),
        address: Given<Option<Prose<255>>> = Given::default(),
        /// Not in the future.
        date_of_birth: Given<Option<Day>> = Given::default(),
        /// Where the picture is.
        profile_picture: Given<Option<WebAddress<500>>> = Given::default(),
        student_id: Given<Option<Prose<50>>> = Given::default(),
        institution: Given<Option<Prose<255>>> = Given::default(),
        graduation_year: Given<Option<Whole<1900, 2100>>> = Given::default(),
        /// The rest.
        profile: Given<ExtendedEdit> = Given::default(),
    }
}

impl UserEdit {
    /// The edit that this makes of an account on a day.
    pub(super) fn of(self, account: &Account, today: Day) -> Result<Edit, FieldErrors> {
        if self.date_of_birth.0.flatten().is_some_and(|birth| birth > today) {
            return Err(FieldErrors::new().and("date_of_birth", "Date of birth cannot be in the future."));
        }
        let before = Edit::nothing(account);
        let told = self.profile.0.map_or_else(|| before.profile.clone(), |rest| rest.of(&before.profile));
        let profile = Profile {
            phone_number: or_kept(self.phone_number, told.phone_number),
            address: or_kept(self.address, told.address),
            date_of_birth: self.date_of_birth.0.unwrap_or(told.date_of_birth),
            picture: or_kept(self.profile_picture, told.picture),
            student_id: or_kept(self.student_id, told.student_id),
            institution: or_kept(self.institution, told.institution),
            graduation_year: self
                .graduation_year
                .0
                .map_or(told.graduation_year, |given| given.map(Whole::get)),
            ..told
        };
        Ok(Edit {
            first_name: self.first_name.0.map_or(before.first_name, Into::into),
            last_name: self.last_name.0.map_or(before.last_name, Into::into),
            profile,
            ..before
        })
    }
}

/// The text that was given, where null is none; or the one that was there.
fn or_kept<T: Into<String>>(given: Given<Option<T>>, kept: String) -> String {
    given.0.map_or(kept, |given| given.map(Into::into).unwrap_or_default())
}

input! {
    /// What clients look for under `profile`; what is not sent stays as it is.
    pub struct ExtendedEdit {
        bio: Given<Prose<500>> = Given::default(),
        location: Given<Prose<100>> = Given::default(),
        website: Given<WebAddress<500>> = Given::default(),
        /// Which letters to send: `purchase_email`, `redemption_email` and `expiry_email` may be false. At most 4,096
        /// bytes.
        notification_preferences: Given<Preferences> = Given::default(),
        /// Whatever clients understand. At most 4,096 bytes.
        privacy_settings: Given<Object<LONGEST>> = Given::default(),
    }
}

impl ExtendedEdit {
    /// What an account that tells this of itself tells after the edit.
    pub(super) fn of(self, before: &Profile) -> Profile {
        let before = before.clone();
        Profile {
            bio: self.bio.0.map_or(before.bio, Into::into),
            location: self.location.0.map_or(before.location, Into::into),
            website: self.website.0.map_or(before.website, Into::into),
            notification_preferences: self
                .notification_preferences
                .0
                .map_or(before.notification_preferences, |Preferences(given)| given.into()),
            privacy_settings: self.privacy_settings.0.map_or(before.privacy_settings, Into::into),
            ..before
        }
    }
}

/// Which letters an account wants: those that are known here by yes or no, and whatever else clients keep there.
#[derive(Clone, Debug)]
pub struct Preferences(Object<LONGEST>);

impl Field for Preferences {
    fn read(value: &Value) -> Result<Self, Messages> {
        let object = Object::read(value)?;
        let odd = LETTERS.iter().filter(|letter| value.get(**letter).is_some_and(|wish| !wish.is_boolean()));
        let errors =
            odd.fold(FieldErrors::new(), |errors, letter| errors.and(letter, "Must be a valid boolean."));
        errors.or(Self(object)).map_err(Messages::Within)
    }

    fn schema() -> RefOr<Schema> {
        Object::<LONGEST>::schema()
    }
}
