package dev.gatehouse.hmac.aws;

import java.util.regex.Pattern;

/// Settings of the profile: the one scope for which a signature counts.
///
/// @param region for which callers sign, as in `eu-central-1`; a name of the operator's choice
/// @param service for which callers sign, as in `orders`; a name of the operator's choice
public record AwsSettings(String region, String service) {

  /// What a region or a service looks like.
  public static final Pattern SCOPE_NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");

  /// Whose paths are signed by rules of their own: as they are, and encoded once.
  private static final String S3 = "s3";

  /// Checks both; throws [IllegalArgumentException] that says what they must be.
  public AwsSettings {
    if (!SCOPE_NAME.matcher(region).matches() || !SCOPE_NAME.matcher(service).matches()) {
      throw new IllegalArgumentException(
          "is no name: write 1 to 64 small letters, digits and hyphens, a hyphen neither first nor"
              + " last");
    }
    if (service.equals(S3)) {
      throw new IllegalArgumentException(
          "is a service for which signers encode the path otherwise than for all others: choose"
              + " another name than s3");
    }
  }
}
