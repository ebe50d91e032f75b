package dev.gatehouse.server.admin;

import dev.gatehouse.Deprecation;
import dev.gatehouse.Method;
import dev.gatehouse.account.Account;
import dev.gatehouse.usage.UsageRecord;
import dev.gatehouse.usage.UsageStore.Filter;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Who uses which method, and how often.
public final class UsageCalls implements CallGroup {

  private static final int CURSOR_PARTS = 4;

  private final MethodUsage usage;
  private final AccountCalls accounts;

  public UsageCalls(MethodUsage usage, AccountCalls accounts) {
    this.usage = usage;
    this.accounts = accounts;
  }

  @Override
  public List<Call> all() {
    return List.of(
        Call.list("/usage", List.of("owner", "method", "route", "ending", "since"), this::list));
  }

  private AdminApi.Answer list(Input input) {
    String owner = input.parameter("owner");
    String id = owner;
    // A stranger has no account: `issuer|subject`, where no account's name holds a bar.
    if (owner != null && owner.indexOf('|') < 0) {
      id = accounts.find(owner).map(Account::id).orElse(null);
      if (id == null) {
        return AccountCalls.none(owner);
      }
    }
    boolean ending = ending(input);
    Filter filter = new Filter(id, method(input), input.parameter("route"), ending, since(input));
    UsageRecord.Key after = cursor(input.parameter("after"));
    int limit = input.limit();
    usage.writer().write();
    List<UsageRecord> page = usage.store().list(filter, after, limit);
    Map<String, Optional<String>> names = new HashMap<>();
    JsonArray items = new JsonArray();
    for (UsageRecord uses : page) {
      Deprecation announced = usage.ending(uses.route(), uses.method()).orElse(null);
      // What is announced no more ends no more.
      if (!ending || announced != null) {
        Optional<String> name = names.computeIfAbsent(uses.owner(), this::name);
        items.add(json(uses, name.orElse(null), announced));
      }
    }
    return Call.ok(
        new JsonObject()
            .put("items", items)
            .put("next", page.size() == limit ? cursor(page.getLast().key()) : null));
  }

  private Optional<String> name(String owner) {
    return accounts.find(owner).filter(account -> account.id().equals(owner)).map(Account::name);
  }

  private static JsonObject json(
      UsageRecord uses, @Nullable String ownerName, @Nullable Deprecation announced) {
    return new JsonObject()
        .put("owner", orNull(uses.owner()))
        .put("ownerName", ownerName)
        .put("method", uses.method().id())
        .put("credential", orNull(uses.credential()))
        .put("route", orNull(uses.route()))
        .put("uses", uses.count())
        .put("firstUsedAt", uses.first().toString())
        .put("lastUsedAt", uses.last().toString())
        .put("deprecated", announced == null ? null : announced.deprecated().toString())
        .put("sunset", announced == null ? null : Call.text(announced.sunset()));
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static @Nullable Method method(Input input) {
    String name = input.parameter("method");
    if (name == null) {
      return null;
    }
    return Method.of(name)
        .orElseThrow(
            () ->
                new JsonInput.BadInputException(
                    "'method' must be one of "
                        + Arrays.stream(Method.values())
                            .map(Method::id)
                            .collect(Collectors.joining(", "))));
  }

  private static boolean ending(Input input) {
    String ending = input.parameter("ending");
    if (ending == null || ending.equals("false")) {
      return false;
    }
    if (ending.equals("true")) {
      return true;
    }
    throw new JsonInput.BadInputException("'ending' must be true or false");
  }

  private static Instant since(Input input) {
    String since = input.parameter("since");
    return since == null ? Instant.EPOCH : JsonInput.instant("since", since);
  }

  // Where a page ends, as one word: what rows are told apart by may hold any character.
  private static String cursor(UsageRecord.Key of) {
    String parts =
        new JsonArray(List.of(of.owner(), of.method().id(), of.credential(), of.route())).encode();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(parts.getBytes(StandardCharsets.UTF_8));
  }

  private static UsageRecord.@Nullable Key cursor(@Nullable String after) {
    if (after == null) {
      return null;
    }
    try {
      JsonArray parts =
          new JsonArray(new String(Base64.getUrlDecoder().decode(after), StandardCharsets.UTF_8));
      if (parts.size() == CURSOR_PARTS && parts.stream().allMatch(String.class::isInstance)) {
        return new UsageRecord.Key(
            parts.getString(0),
            Method.of(parts.getString(1)).orElseThrow(),
            parts.getString(2),
            parts.getString(3));
      }
    } catch (IllegalArgumentException | DecodeException | NoSuchElementException notOurs) {
      // Said below.
    }
    throw new JsonInput.BadInputException("'after' must be the 'next' of the page before");
  }
}
