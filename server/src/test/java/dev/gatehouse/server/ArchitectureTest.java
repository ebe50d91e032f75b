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

/// The dependency rules of ARCHITECTURE.md.
class ArchitectureTest {

  private static final List<String> METHOD_PACKAGES =
      List.of("apikey", "basic", "jwt", "oauth", "hmac", "session", "mtls");

  private static final String ASSEMBLY = "dev.gatehouse.server.assembly..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.gatehouse");

  @Test
  void allModulesAreImported() {
    for (String seen :
        List.of(
            "dev.gatehouse.Gate",
            "dev.gatehouse.apikey.ApiKeys",
            "dev.gatehouse.store.SqlDatabase",
            "dev.gatehouse.client.GatehouseClient",
            "dev.gatehouse.server.cli.Main")) {
      assertThat(CLASSES.contain(seen)).as(seen).isTrue();
    }
  }

  @Test
  void packageOfAMethodUsesNoOtherMethodsPackage() {
    for (String method : METHOD_PACKAGES) {
      for (String other : METHOD_PACKAGES) {
        if (!other.equals(method)) {
          noClasses()
              .that()
              .resideInAPackage("dev.gatehouse." + method + "..")
              .should()
              .dependOnClassesThat()
              .resideInAPackage("dev.gatehouse." + other + "..")
              .allowEmptyShould(true)
              .check(CLASSES);
        }
      }
    }
  }

  @Test
  void rootPackageAndSharedPackagesUseNoMethodsPackage() {
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
        .check(CLASSES);
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
        .check(CLASSES);
  }

  @Test
  void storeKnowsCoreOnly() {
    noClasses()
        .that()
        .resideInAPackage("dev.gatehouse.store..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.gatehouse.server..")
        .check(CLASSES);
  }

  @Test
  void mainCodeNeverUsesTheTestkit() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.gatehouse.testkit..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.gatehouse.testkit..")
        .check(CLASSES);
  }

  @Test
  void theClientUsesTheJdkAloneAndNothingUsesTheClient() {
    classes()
        .that()
        .resideInAPackage("dev.gatehouse.client..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.gatehouse.client..", "java..", "javax..", "org.jspecify..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.gatehouse.client..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.gatehouse.client..")
        .check(CLASSES);
  }

  @Test
  void nothingDependsOnCommands() {
    classes()
        .that()
        .resideInAPackage("dev.gatehouse.server.cli..")
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAPackage("dev.gatehouse.server.cli..")
        .check(CLASSES);
  }

  @Test
  void onlyCommandsDependOnTheAssembly() {
    classes()
        .that()
        .resideInAPackage(ASSEMBLY)
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAnyPackage(ASSEMBLY, "dev.gatehouse.server.cli..")
        .check(CLASSES);
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
        .check(CLASSES);
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
        .check(CLASSES);
  }

  @Test
  void theAssemblyIsTheOnlyPackageOfTheServerThatKnowsEveryMethod() {
    Map<String, Set<String>> known = new TreeMap<>();
    for (JavaClass one : CLASSES) {
      if (one.getPackageName().startsWith("dev.gatehouse.server.")) {
        one.getDirectDependenciesFromSelf().stream()
            .map(dependency -> dependency.getTargetClass().getPackageName())
            .flatMap(name -> METHOD_PACKAGES.stream().filter(method -> isOf(name, method)))
            .forEach(
                method ->
                    known
                        .computeIfAbsent(one.getPackageName(), first -> new TreeSet<>())
                        .add(method));
      }
    }
    assertThat(
            known.entrySet().stream()
                .filter(entry -> entry.getValue().size() == METHOD_PACKAGES.size()))
        .extracting(Map.Entry::getKey)
        .containsExactly("dev.gatehouse.server.assembly");
  }

  private static boolean isOf(String packageName, String method) {
    return (packageName + ".").startsWith("dev.gatehouse." + method + ".");
  }

  // A new method is a part, and a line in the list.
  @Test
  void everyMethodHasOnePartInTheAssembly() {
    assertThat(
            CLASSES.stream()
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
        .check(CLASSES);
  }

  @Test
  void eventLoopsStayInTheServer() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.gatehouse.server..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx..", "io.netty..")
        .check(CLASSES);
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
        .check(CLASSES);
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
    return METHOD_PACKAGES.stream()
        .map(method -> "dev.gatehouse." + method + "..")
        .toArray(String[]::new);
  }
}
