package dev.gatehouse.server.signin;

import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.jwt.TokenFamily;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.oauth.Link;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.server.signin.AccountItemKind.Ending;
import dev.gatehouse.server.signin.AccountItemKind.Warning;
import dev.gatehouse.server.signin.AccountItemKind.Whose;
import dev.gatehouse.server.signin.AccountPage.Entry;
import dev.gatehouse.server.signin.AccountPage.Fact;
import dev.gatehouse.server.signin.AccountPage.Section;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.session.StoredSession;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Everything on the account page that belongs to a person: sessions, tokens, keys, certificates
/// and links to providers. Thread-safe; every call may block.
public final class AccountItems {

  private static final int MAX_TEXT = 60;
  // As many characters as a person compares.
  private static final int MAX_FINGERPRINT = 17;

  private final Clock clock;
  private final Providers providers;
  private final List<AccountItemKind<?>> kinds = new ArrayList<>();

  /// The providers of the configuration, and the links to them.
  ///
  /// @param issuers in the order of the configuration
  public record Providers(Links links, List<Issuer> issuers) {}

  /// A provider of the configuration.
  ///
  /// @param issuer the identifier by which links are stored
  /// @param name its name in the configuration
  /// @param label its name for people
  public record Issuer(String issuer, String name, String label) {}

  /// The services that hold the items.
  public record Sources(
      Sessions sessions,
      Tokens tokens,
      ApiKeys apiKeys,
      SignatureKeys signatureKeys,
      ClientCertificates certificates) {}

  public AccountItems(Sources sources, Providers providers, Clock clock) {
    Sessions sessions = sources.sessions();
    Tokens tokens = sources.tokens();
    this.clock = clock;
    this.providers = providers;
    kinds.add(
        new AccountItemKind<>(
            section("sessions", "Where you are signed in", "Nowhere."),
            sessions::list,
            (person, id) -> sessions.find(id),
            owned -> new Whose(owned.session().id(), owned.session().account()),
            sessions::isLive,
            (owned, person) -> isOf(person, owned) ? Instant.MAX : owned.session().lastSeenAt(),
            this::session,
            (person, id) -> ended(sessions.end(id)),
            null));
    kinds.add(links(providers));
    kinds.add(
        new AccountItemKind<>(
            section("tokens", "Programs that hold tokens", null),
            tokens::list,
            (person, id) -> tokens.find(id),
            owned -> new Whose(owned.family().id(), owned.family().account()),
            tokens::isLive,
            (owned, person) -> owned.family().lastUsedAt(),
            this::tokens,
            (person, id) -> ended(tokens.revoke(id)),
            null));
    kinds.add(
        issued(
            section("api-keys", "API keys", null),
            sources.apiKeys(),
            this::apiKey,
            new Warning("Revoke this API key?", revoked("uses"))));
    kinds.add(
        issued(
            section("signature-keys", "Signature keys", null),
            sources.signatureKeys(),
            this::signatureKey,
            new Warning("Revoke this signature key?", revoked("signs with"))));
    kinds.add(
        issued(
            section("certificates", "Client certificates", null),
            sources.certificates(),
            this::certificate,
            new Warning("Revoke this client certificate?", revoked("shows"))));
  }

  private static String revoked(String use) {
    return "Whatever " + use + " it is refused at once. It can't be brought back.";
  }

  private <M> AccountItemKind<IssuedCredential<M>> issued(
      Section section,
      Credentials<M> credentials,
      Function<IssuedCredential<M>, Entry> entry,
      Warning warning) {
    return new AccountItemKind<>(
        section,
        credentials::list,
        (person, id) -> credentials.find(id),
        one -> new Whose(one.id(), one.owner()),
        one -> one.revokedAt() == null && !one.terms().isOver(clock.instant()),
        (one, person) -> one.lastUsedAt(),
        (one, person) -> entry.apply(one),
        (person, id) -> ended(credentials.revoke(id)),
        warning);
  }

  private AccountItemKind<Link> links(Providers there) {
    Links links = there.links();
    return new AccountItemKind<>(
        section("links", "Linked accounts", there.issuers().isEmpty() ? null : "None."),
        // A person has few links, and all are read at once.
        (account, after, limit) -> after == null ? links.of(account) : List.of(),
        (person, id) ->
            links.of(person.account().id()).stream().filter(link -> link.id().equals(id)).findAny(),
        link -> new Whose(link.id(), link.account()),
        link -> true,
        (link, person) -> link.lastUsedAt(),
        (link, person) -> link(link, there.issuers()),
        (person, id) -> unlinked(links.unlink(person.account().id(), id, false)),
        new Warning(
            "Unlink this account?",
            "You can't sign in with it any more. You are signed out everywhere but here."));
  }

  /// The providers that the person has not linked yet.
  List<Issuer> linkable(Person person) {
    Set<String> linked =
        providers.links().of(person.account().id()).stream()
            .map(Link::issuer)
            .collect(Collectors.toSet());
    return providers.issuers().stream()
        .filter(provider -> !linked.contains(provider.issuer()))
        .toList();
  }

  List<Section> of(Person person) {
    return kinds.stream().map(kind -> kind.of(person)).toList();
  }

  /// The item of the person with that id, and its kind; empty if the person has no such item.
  Optional<Found> find(Person person, String id) {
    for (AccountItemKind<?> kind : kinds) {
      Optional<Entry> entry = kind.of(person, id);
      if (entry.isPresent()) {
        return Optional.of(new Found(kind, entry.get()));
      }
    }
    return Optional.empty();
  }

  /// An item of the person.
  record Found(AccountItemKind<?> kind, Entry entry) {}

  private static Section section(String id, String heading, @Nullable String none) {
    return new Section(id, heading, none, List.of(), false);
  }

  private static Ending ended(boolean ended) {
    return ended ? new Ending.Done() : new Ending.Gone();
  }

  private static Ending unlinked(Links.UnlinkResult unlinking) {
    return switch (unlinking) {
      case Links.UnlinkResult.Done(var account) -> new Ending.SignedOut(account);
      case Links.UnlinkResult.NotFound() -> new Ending.Gone();
      case Links.UnlinkResult.LastWayIn() ->
          new Ending.Refused(
              "It is your only way to sign in. Link another account first, or ask an administrator"
                  + " for a link to set a password.");
    };
  }

  private static boolean isOf(Person person, SessionStore.Owned owned) {
    return owned.session().id().equals(person.session().id());
  }

  private Entry session(SessionStore.Owned owned, Person person) {
    StoredSession session = owned.session();
    boolean here = isOf(person, owned);
    return new Entry(
        session.id(),
        browser(session.agent()),
        here ? "This one" : null,
        List.of(
            new Fact("Address", session.address(), null),
            at("Signed in", session.createdAt()),
            here ? at("Ends", session.expiresAt()) : ago("Last seen", session.lastSeenAt())),
        here ? "Sign out" : "End",
        false);
  }

  private Entry tokens(TokenStore.Owned owned, Person person) {
    TokenFamily family = owned.family();
    return new Entry(
        family.id(),
        family.clientId(),
        null,
        List.of(
            at("Since", family.createdAt()),
            ago("Last used", family.lastUsedAt()),
            at("Ends", family.expiresAt())),
        "End",
        false);
  }

  private Entry apiKey(IssuedCredential<StoredApiKey> key) {
    return issued(key, null, new Fact("Key", key.material().hint() + "…", null));
  }

  private Entry signatureKey(IssuedCredential<StoredSignatureKey> key) {
    String webhook = key.material().webhook();
    return issued(
        key, webhook == null ? null : "Webhook " + webhook, new Fact("Key", key.id(), null));
  }

  private Entry certificate(IssuedCredential<StoredClientCertificate> one) {
    CertificateName identity = one.material().identity();
    return issued(
        one,
        null,
        identity.kind() == CertificateName.Kind.FINGERPRINT
            ? new Fact("Fingerprint", shortened(identity.value(), MAX_FINGERPRINT), null)
            : new Fact("Name", shortened(identity.value(), MAX_TEXT), null));
  }

  private Entry issued(IssuedCredential<?> credential, @Nullable String note, Fact fact) {
    CredentialTerms terms = credential.terms();
    return new Entry(
        credential.id(),
        terms.name(),
        note,
        List.of(fact, ago("Last used", credential.lastUsedAt()), end(terms.expiresAt())),
        "Revoke",
        true);
  }

  private Entry link(Link link, List<Issuer> issuers) {
    return new Entry(
        link.id(),
        issuers.stream()
            .filter(provider -> provider.issuer().equals(link.issuer()))
            .findFirst()
            .map(Issuer::label)
            .orElse(link.issuer()),
        null,
        List.of(
            new Fact("Known there as", link.label(), null),
            at("Since", link.createdAt()),
            ago("Last used", link.lastUsedAt())),
        "Unlink",
        true);
  }

  private static Fact at(String name, Instant instant) {
    return new Fact(name, TimeText.at(instant), instant.toString());
  }

  private static Fact end(@Nullable Instant end) {
    return end == null ? new Fact("Expires", "never", null) : at("Expires", end);
  }

  private Fact ago(String name, @Nullable Instant then) {
    return new Fact(
        name, TimeText.ago(then, clock.instant()), then == null ? null : then.toString());
  }

  private static String browser(String agent) {
    return agent.isBlank()
        ? "A program that does not name itself"
        : BrowserName.of(agent).orElseGet(() -> shortened(agent, MAX_TEXT));
  }

  private static String shortened(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }
}
