package dev.gatehouse.hmac.aws;

import java.util.regex.Pattern;

/// Settings of AWS Signature Version 4: the credential scope for which signatures are accepted.
///
/// @param region the region for which callers sign, for example `eu-central-1`; the operator
///   chooses it
/// @param service the service for which callers sign, for example `orders`; the operator chooses it
public record AwsSettings(String region, String service) {

  /// The form of a region and of a service: 1 to 64 lower-case letters, digits and hyphens, without
  /// a hyphen at the start or the end.
  public static final Pattern SCOPE_NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");

  /// The service for which signers do not normalize the path and encode it once only.
  private static final String S3 = "s3";

  /// Checks both values. Throws [IllegalArgumentException], whose message follows the name of the
  /// setting, if one has another form, or the service is `s3`.
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
