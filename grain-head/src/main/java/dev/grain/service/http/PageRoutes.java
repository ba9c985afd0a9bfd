package dev.grain.service.http;

import static io.javalin.http.HandlerType.GET;

import dev.grain.service.http.Refusal.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Serves pages on which people read and try the interface: Swagger UI and Redoc, all from the class
 * path. Browsers are told to ask no other host for anything. For any thread.
 */
final class PageRoutes {
  /** Both add styles to the page; Redoc searches in a worker that it makes. */
  private static final String POLICY =
      String.join(
          "; ",
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self' 'unsafe-inline'",
          "img-src 'self' data:",
          "font-src 'self' data:",
          "connect-src 'self'",
          "worker-src 'self' blob:",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'");

  private static final String HTML = "text/html; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  private static final Webjar SWAGGER = new Webjar("org.webjars", "swagger-ui", "");
  private static final Webjar REDOC = new Webjar("org.webjars.npm", "redoc", "bundles/");

  /** What is beside the pages. */
  private static final Map<String, Source> FILES =
      Map.of(
          "swagger-ui-bundle.js", new Source(SCRIPT, SWAGGER::read),
          "swagger-ui.css", new Source(STYLE, SWAGGER::read),
          "redoc.standalone.js", new Source(SCRIPT, REDOC::read),
          "docs.js", new Source(SCRIPT, PageRoutes::own),
          "redoc.js", new Source(SCRIPT, PageRoutes::own),
          "pages.css", new Source(STYLE, PageRoutes::own));

  /** Reads a file that is there. */
  private interface Reading {
    InputStream read(String name) throws IOException;
  }

  private record Source(String type, Reading reading) {}

  /** A jar with files for browsers; the folder with these is named by the version. */
  private record Webjar(String group, String artifact, String folder) {
    InputStream read(String name) throws IOException {
      Properties properties = new Properties();
      try (InputStream in =
          resource("/META-INF/maven/%s/%s/pom.properties".formatted(group, artifact))) {
        properties.load(in);
      }
      return resource(
          "/META-INF/resources/webjars/%s/%s/%s%s"
              .formatted(artifact, properties.getProperty("version"), folder, name));
    }
  }

  private static InputStream own(String name) throws IOException {
    return resource(name);
  }

  private static InputStream resource(String path) throws IOException {
    InputStream in = PageRoutes.class.getResourceAsStream(path);
    if (in == null) {
      throw new IOException(
          "%s is missing on the class path of the head. Install Grain again.".formatted(path));
    }
    return in;
  }

  List<Route> all() {
    return List.of(
        page("/docs", "docs.html", "Show the interface, and let people try it."),
        page("/redoc", "redoc.html", "Show the interface, for reading."),
        Route.open(GET, "/pages/{file}", "Show what a page consists of.", PageRoutes::file)
            .answers(200, Route.FILE, "A script or a style."));
  }

  private static Route page(String path, String file, String summary) {
    return Route.open(GET, path, summary, call -> send(call, HTML, own(file)))
        .answers(200, Route.HTML, "A page.");
  }

  private static void file(Call call) throws IOException {
    String name = call.path("file");
    Source source = FILES.get(name);
    if (source == null) {
      throw new Refusal(Kind.NOT_FOUND, "No page has a file \"%s\".".formatted(Texts.shown(name)));
    }
    call.context().header("Cache-Control", "max-age=3600");
    send(call, source.type(), source.reading().read(name));
  }

  private static void send(Call call, String type, InputStream content) throws IOException {
    try (content) {
      call.context()
          .header("Content-Security-Policy", POLICY)
          .header("Referrer-Policy", "no-referrer")
          .contentType(type)
          .result(content.readAllBytes());
    }
  }
}
