package dev.gatehouse.server.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/// A real browser without a window, that trusts one server.
public final class Chromium implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

  /// A screen that people use: each width and each colour scheme is on one of them.
  public enum Screen {
    PHONE(390, "light"),
    DESKTOP(1280, "dark");

    private final int width;
    private final String scheme;

    Screen(int width, String scheme) {
      this.width = width;
      this.scheme = scheme;
    }
  }

  private final ChromeDriver driver;

  private Chromium(ChromeDriver driver) {
    this.driver = driver;
  }

  /// Starts one that runs scripts.
  ///
  /// @param certificates of the servers that it trusts, as PEM
  public static Chromium trusting(Path... certificates) throws Exception {
    return start(List.of(certificates), Map.of());
  }

  /// Starts one whose user has switched scripts off.
  public static Chromium withoutScripts(Path certificate) throws Exception {
    return start(
        List.of(certificate), Map.of("profile.managed_default_content_settings.javascript", 2));
  }

  /// Starts one that trusts no server: for what is served without TLS on this machine.
  public static Chromium trustingNone() throws Exception {
    return start(List.of(), Map.of());
  }

  private static Chromium start(List<Path> certificates, Map<String, Object> preferences)
      throws Exception {
    List<String> keys = new ArrayList<>();
    for (Path certificate : certificates) {
      keys.add(spki(certificate));
    }
    ChromeOptions options = new ChromeOptions();
    options.setBinary(onPath("chromium").toString());
    options.addArguments(
        "--headless=new",
        "--no-sandbox", // it runs as root in CI, on our own pages
        "--disable-dev-shm-usage",
        "--ignore-certificate-errors-spki-list=" + String.join(",", keys));
    options.setExperimentalOption("prefs", preferences);
    ChromeDriver driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(onPath("chromedriver").toFile())
                .usingAnyFreePort()
                .build(),
            options);
    driver.manage().timeouts().pageLoadTimeout(PATIENCE);
    driver.manage().timeouts().scriptTimeout(PATIENCE);
    driver.manage().timeouts().implicitlyWait(PATIENCE);
    return new Chromium(driver);
  }

  // Named, lest Selenium fetch one.
  private static Path onPath(String program) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new AssertionError(program + " is missing: ./verify installs it"));
  }

  private static String spki(Path certificate) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(certificate)) {
      byte[] key =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(in)
              .getPublicKey()
              .getEncoded();
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
    }
  }

  /// Goes there, and waits until the page has loaded.
  public void go(String url) {
    driver.get(url);
  }

  /// Where it is.
  public String url() {
    return Objects.requireNonNull(driver.getCurrentUrl());
  }

  /// What a person reads there.
  public String text() {
    return driver.findElement(By.tagName("body")).getText();
  }

  /// What stands over the page.
  public String heading() {
    return driver.findElement(By.tagName("h1")).getText();
  }

  /// Types into the field of that name.
  public void type(String field, String text) {
    driver.findElement(By.name(field)).sendKeys(text);
  }

  /// Ticks the box of that id.
  public void check(String id) {
    driver.findElement(By.id(id)).click();
  }

  /// Presses Enter in the field of that name, and waits until the next page has loaded.
  public void enter(String field) {
    leave(driver.findElement(By.name(field)), there -> there.sendKeys(Keys.ENTER));
  }

  /// Clicks the button with that text, and waits until the next page has loaded.
  public void click(String button) {
    leave(
        driver.findElement(By.xpath("//button[normalize-space()='" + button + "']")),
        WebElement::click);
  }

  /// Clicks the link with that text, or that begins with it, and waits until the next page has
  /// loaded.
  public void follow(String link) {
    leave(
        driver.findElement(By.xpath("//a[starts-with(normalize-space(), '" + link + "')]")),
        WebElement::click);
  }

  /// Presses Tab; the text of what has the focus then, seen or read out.
  public String tab() {
    driver.switchTo().activeElement().sendKeys(Keys.TAB);
    return script("return document.activeElement.textContent").toString();
  }

  /// Ticks the box of that value.
  public void tick(String value) {
    driver.findElement(By.cssSelector("input[type=checkbox][value='" + value + "']")).click();
  }

  /// Waits until it is at an address that begins so: where pages lead on by themselves.
  public void arrive(String address) {
    new WebDriverWait(driver, PATIENCE, POLL_INTERVAL)
        .until(there -> Objects.requireNonNull(there.getCurrentUrl()).startsWith(address));
  }

  /// Opens a tab and turns to it; by what [#turnTo] finds the one before.
  public String openTab() {
    String before = driver.getWindowHandle();
    driver.switchTo().newWindow(WindowType.TAB);
    return before;
  }

  /// Turns to that tab; by what it finds the one before.
  public String turnTo(String tab) {
    String before = driver.getWindowHandle();
    driver.switchTo().window(tab);
    return before;
  }

  /// Forgets every cookie of every host.
  public void forgetCookies() {
    driver.executeCdpCommand("Network.clearBrowserCookies", Map.of());
  }

  // The driver itself waits for a page that has begun to load, not for one that is yet to come.
  private void leave(WebElement of, Consumer<WebElement> action) {
    WebElement page = driver.findElement(By.tagName("html"));
    action.accept(of);
    new WebDriverWait(driver, PATIENCE, POLL_INTERVAL)
        // What the driver says while one page takes the place of the other: asked again, it knows.
        .ignoring(WebDriverException.class)
        .until(ExpectedConditions.stalenessOf(page));
  }

  /// What a script of the page finds in `document.cookie`.
  public String cookiesOfScripts() {
    return Objects.requireNonNull(driver.executeScript("return document.cookie")).toString();
  }

  /// Runs a script of the page; its value.
  public Object script(String body) {
    return Objects.requireNonNull(driver.executeScript(body));
  }

  /// Shows the page as on that screen.
  public void show(Screen screen) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width",
            screen.width,
            "height",
            844,
            "deviceScaleFactor",
            1,
            "mobile",
            screen == Screen.PHONE));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features", List.of(Map.of("name", "prefers-color-scheme", "value", screen.scheme))));
  }

  /// What axe-core holds against the page for people who use it otherwise than most: the id of each
  /// rule, and the element.
  public List<?> accessibilityViolations() throws IOException {
    try (InputStream axe = Chromium.class.getResourceAsStream("/axe.min.js")) {
      driver.executeScript(
          new String(Objects.requireNonNull(axe).readAllBytes(), StandardCharsets.UTF_8));
    }
    return (List<?>)
        Objects.requireNonNull(
            driver.executeAsyncScript(
                """
                const done = arguments[arguments.length - 1];
                axe.run({resultTypes: ['violations']}).then(found => done(found.violations.flatMap(violation =>
                    violation.nodes.map(node => violation.id + ': ' + node.html))));
                """));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
