//! Signing up, in, and out.

use utoipa::ToSchema;

/// A new account. Its role is always `user`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct SignUp {
    /// Upper and lower case are the same.
    #[schema(format = Email, max_length = 254, examples("ada@example.org"))]
    email: String,
    /// Not one of the most common ones.
    #[schema(format = Password, min_length = 8, max_length = 128, examples("correct horse battery"))]
    password: String,
    /// How the owner wants to be called.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\u0000-\u001F\u007F-\u009F]+$",
        examples("Ada")
    )]
    name: Option<String>,
}

/// What an account signs in with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct Credentials {
    #[schema(pattern = r"^[^\u0000]*$", examples("ada@example.org"))]
    email: String,
    #[schema(format = Password, examples("correct horse battery"))]
    password: String,
}

/// A refresh token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct RefreshToken {
    /// The last one that was given out; each is good once.
    refresh_token: String,
}
