package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages, and that browsers get all of them from the head. */
final class PageRoutesTest extends Served {
  private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"([^\"]*)\"");

  private Answer open(String path) {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  private static String text(Answer answer) {
    return new String(answer.bytes(), UTF_8);
  }

  @Test
  void pages_consistOfFilesOfTheHead_whichAreServed() {
    List<String> referred = new ArrayList<>();
    for (String page : List.of("/docs", "/redoc")) {
      Answer answer = open(page).ensure(200);
      assertThat(answer.header("Content-Type")).startsWith("text/html");
      Matcher matcher = REFERENCE.matcher(text(answer));
      while (matcher.find()) {
        if (!matcher.group(1).startsWith("data:")) {
          referred.add(matcher.group(1));
        }
      }
    }
    assertThat(referred).hasSizeGreaterThan(5).allMatch(each -> each.startsWith("/pages/"));
    for (String each : referred) {
      Answer file = open(each).ensure(200);
      assertThat(file.bytes()).isNotEmpty();
      assertThat(file.header("Content-Type"))
          .startsWith(each.endsWith(".css") ? "text/css" : "text/javascript");
      assertThat(file.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }
    assertThat(referred)
        .anySatisfy(each -> assertThat(open(each).bytes()).hasSizeGreaterThan(500_000));
  }

  @Test
  void pages_nameNoOtherHost_andForbidBrowsersToAskOne() {
    for (String each :
        List.of("/docs", "/redoc", "/pages/docs.js", "/pages/redoc.js", "/pages/pages.css")) {
      Answer answer = open(each).ensure(200);
      assertThat(text(answer)).as(each).doesNotContainPattern("(?:[a-z]+:)?//[a-z]");
      String policy = answer.header("Content-Security-Policy");
      assertThat(policy).startsWith("default-src 'none'").contains("frame-ancestors 'none'");
      assertThat(policy.split("[; ]+"))
          .as(each)
          .allMatch(
              word -> word.matches("[a-z]+(-[a-z]+)*|'(none|self|unsafe-inline)'|data:|blob:"))
          .doesNotContain("http:", "https:");
      assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
    }
  }

  @Test
  void files_thatBelongToNoPage_areNotServed() {
    for (String each : List.of("schemas.json", "PageRoutes.class", "index.html", "redoc.lib.js")) {
      assertThat(open("/pages/" + each).problem(404, "not-found")).contains(each);
    }
    open("/pages/..%2f..%2fdocs.js").problem(404, "not-found");
  }
}
