package dev.gatehouse.server.gateway;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// The link to the sign-in page, for a browser whose person has to sign in.
///
/// @param path of the page
/// @param maxTargetBytes the longest request target that the gate takes
public record SignInLink(String path, int maxTargetBytes) {

  /// The longest link: the form of the page holds the return path beside what a person fills in.
  public static final int MAX_CHARS = 8 * 1_024;

  // The links from the page to providers hold the same return path, and are longer by that much.
  private static final int RESERVED_CHARS = 128;

  /// The link that leads back to that target of this origin after the sign-in. Where it would be
  /// longer than what the gate takes, it is the link without a way back.
  String leadingBackTo(String target) {
    String link = path + "?return=" + URLEncoder.encode(target, StandardCharsets.UTF_8);
    return link.length() <= Math.min(maxTargetBytes, MAX_CHARS) - RESERVED_CHARS ? link : path;
  }
}
