package dev.gatehouse.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The arrows of ARCHITECTURE.md, which never turn round.
class ArchitectureTest {

  private static final List<String> METHOD_ROOMS =
      List.of("apikey", "basic", "jwt", "oauth", "hmac", "session", "mtls");

  private static final String ASSEMBLY = "dev.gatehouse.server.assembly..";

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.gatehouse");

  @Test
  void theWholeHouseIsLookedAt() {
    for (String seen :
        List.of(
            "dev.gatehouse.Gate",
            "dev.gatehouse.apikey.ApiKeys",
            "dev.gatehouse.store.SqlDatabase",
            "dev.gatehouse.client.GatehouseClient",
            "dev.gatehouse.server.cli.Main")) {
      assertThat(HOUSE.contain(seen)).as(seen).isTrue();
    }
  }

  @Test
  void noMethodsRoomUsesAnother() {
    for (String room : METHOD_ROOMS) {
      for (String other : METHOD_ROOMS) {
        if (!other.equals(room)) {
          noClasses()
              .that()
              .resideInAPackage("dev.gatehouse." + room + "..")
              .should()
              .dependOnClassesThat()
              .resideInAPackage("dev.gatehouse." + other + "..")
              .allowEmptyShould(true)
              .check(HOUSE);
        }
      }
    }
  }

  @Test
  void theHallAndTheSharedRoomsKnowNoMethodsRoom() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.gatehouse",
            "dev.gatehouse.account..",
            "dev.gatehouse.bearer..",
            "dev.gatehouse.credential..",
            "dev.gatehouse.identity..",
            "dev.gatehouse.json..",
            "dev.gatehouse.password..",
            "dev.gatehouse.replay..",
            "dev.gatehouse.revocation..",
            "dev.gatehouse.route..",
            "dev.gatehouse.secret..",
            "dev.gatehouse.signing..",
            "dev.gatehouse.throttle..",
            "dev.gatehouse.usage..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(methodPackages())
        .check(HOUSE);
  }

  @Test
  void coreKnowsNeitherStoreNorServer() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.gatehouse.store..", "dev.gatehouse.server..", "dev.gatehouse.testkit..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.gatehouse.store..", "dev.gatehouse.server..")
        .check(HOUSE);
  }

  @Test
  void storeKnowsCoreOnly() {
    noClasses()
        .that()
        .resideInAPackage("dev.gatehouse.store..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.gatehouse.server..")
        .check(HOUSE);
  }

  @Test
  void mainCodeNeverUsesTheTestkit() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.gatehouse.testkit..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.gatehouse.testkit..")
        .check(HOUSE);
  }

  @Test
  void theClientUsesTheJdkAloneAndNothingUsesTheClient() {
    classes()
        .that()
        .resideInAPackage("dev.gatehouse.client..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.gatehouse.client..", "java..", "javax..", "org.jspecify..")
        .check(HOUSE);
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.gatehouse.client..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.gatehouse.client..")
        .check(HOUSE);
  }

  @Test
  void nothingDependsOnCommands() {
    classes()
        .that()
        .resideInAPackage("dev.gatehouse.server.cli..")
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAPackage("dev.gatehouse.server.cli..")
        .check(HOUSE);
  }

  @Test
  void onlyCommandsDependOnTheAssembly() {
    classes()
        .that()
        .resideInAPackage(ASSEMBLY)
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAnyPackage(ASSEMBLY, "dev.gatehouse.server.cli..")
        .check(HOUSE);
  }

  @Test
  void onlyTheAssemblyOpensStores() {
    noClasses()
        .that()
        .resideInAPackage("dev.gatehouse.server..")
        .and()
        .resideOutsideOfPackage(ASSEMBLY)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.gatehouse.store..")
        .check(HOUSE);
  }

  @Test
  void onlyTheAssemblyMakesAuthenticatorsAndGates() {
    noClasses()
        .that()
        .resideInAPackage("dev.gatehouse.server..")
        .and()
        .resideOutsideOfPackage(ASSEMBLY)
        .should()
        .callConstructorWhere(
            JavaCall.Predicates.target(
                HasOwner.Predicates.With.owner(
                    JavaClass.Predicates.assignableTo(Authenticator.class)
                        .or(JavaClass.Predicates.type(Gate.class)))))
        .check(HOUSE);
  }

  @Test
  void theAssemblyIsTheOnlyPackageOfTheServerThatKnowsEveryMethod() {
    Map<String, Set<String>> known = new TreeMap<>();
    for (JavaClass one : HOUSE) {
      if (one.getPackageName().startsWith("dev.gatehouse.server.")) {
        one.getDirectDependenciesFromSelf().stream()
            .map(dependency -> dependency.getTargetClass().getPackageName())
            .flatMap(name -> METHOD_ROOMS.stream().filter(room -> isOf(name, room)))
            .forEach(
                room ->
                    known
                        .computeIfAbsent(one.getPackageName(), first -> new TreeSet<>())
                        .add(room));
      }
    }
    assertThat(
            known.entrySet().stream()
                .filter(rooms -> rooms.getValue().size() == METHOD_ROOMS.size()))
        .extracting(Map.Entry::getKey)
        .containsExactly("dev.gatehouse.server.assembly");
  }

  private static boolean isOf(String packageName, String room) {
    return (packageName + ".").startsWith("dev.gatehouse." + room + ".");
  }

  // A new method is a part, and a line in the list.
  @Test
  void everyMethodHasOnePartInTheAssembly() {
    assertThat(
            HOUSE.stream()
                .filter(one -> one.getPackageName().equals("dev.gatehouse.server.assembly"))
                .filter(
                    one ->
                        one.getRawInterfaces().stream()
                            .anyMatch(part -> part.getSimpleName().equals("MethodPart"))))
        .hasSize(Method.values().length);
  }

  @Test
  void sqlStaysInItsStore() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.gatehouse.store..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "org.jdbi..", "org.sqlite..", "com.zaxxer..")
        .check(HOUSE);
  }

  @Test
  void eventLoopsStayInTheServer() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.gatehouse.server..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx..", "io.netty..")
        .check(HOUSE);
  }

  // There HEAD gets no body, and a body that was not read is taken for no request.
  @Test
  void answersEndInOnePlace() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.gatehouse.server.listen.Answers")
        .should()
        .callMethodWhere(
            JavaCall.Predicates.target(HasName.Predicates.name("end"))
                .and(
                    JavaCall.Predicates.target(
                        HasOwner.Predicates.With.owner(
                            JavaClass.Predicates.assignableTo(HttpServerResponse.class)))))
        .check(HOUSE);
  }

  // ./verify --quick leaves them out.
  @Test
  void testsThatStartAServerOrAProcessAreTaggedAsEndToEnd() {
    JavaClasses tests =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .importPackages("dev.gatehouse.server");
    classes()
        .that()
        .haveSimpleNameEndingWith("Test")
        .and(
            DescribedPredicate.describe(
                "start a server or a process",
                test ->
                    test.getDirectDependenciesFromSelf().stream()
                        .map(dependency -> dependency.getTargetClass().getSimpleName())
                        .anyMatch(STARTING::contains)))
        .should()
        .beAnnotatedWith(
            DescribedPredicate.describe(
                "@Tag(\"end-to-end\")",
                annotation ->
                    annotation.getRawType().isEquivalentTo(Tag.class)
                        && annotation.get("value").filter("end-to-end"::equals).isPresent()))
        .check(tests);
  }

  private static final Set<String> STARTING =
      Set.of(
          "Chromium",
          "CommandLineRun",
          "EchoApi",
          "GateProcess",
          "HostileProvider",
          "NodeScript",
          "PeopleGate",
          "ProviderProcess",
          "RawClient",
          "RawUpstream",
          "ScriptedServer");

  private static String[] methodPackages() {
    return METHOD_ROOMS.stream().map(room -> "dev.gatehouse." + room + "..").toArray(String[]::new);
  }
}
