/// Webhooks: a vendor signs an event, and the gate verifies the signature as the vendor documents
/// it.
///
/// **Wire formats.** GitHub: `X-Hub-Signature-256`. Stripe: `Stripe-Signature`. Slack:
/// `X-Slack-Signature` with `X-Slack-Request-Timestamp`. Standard Webhooks: `webhook-signature`
/// with `webhook-id` and `webhook-timestamp`. All are an HMAC-SHA-256 of the body and, except for
/// GitHub's, a time. A route names the vendor, and the name under which its secrets are kept.
///
/// **What a signature proves.** The sender has the secret and sent this body with this time and id.
/// The path, the query and all other fields are not signed.
///
/// **Threats.**
///
/// - Replay: a use is recorded by the webhook's name and everything that is signed, until the time
///   of the event is outside the window. GitHub signs no time, so the uses of its events are
///   remembered for a time that is a setting. `X-GitHub-Delivery` does not help: it is not signed,
///   so an attacker can change it.
/// - A secret that is never changed: several secrets are valid during a rotation.
/// - A weaker scheme next to the strong one: only the strong one is accepted.
package dev.gatehouse.hmac.webhook;
