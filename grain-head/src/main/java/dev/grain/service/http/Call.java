package dev.grain.service.http;

import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.store.By;
import dev.grain.text.Spelling;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request that is being served, and its answer. For the thread that serves it. */
final class Call {
  /** How large a body may be that is no blob. */
  static final int MOST_BYTES = 1 << 20;

  private static final int LONGEST_PATH_PART = 255;

  private final Context context;
  private final @Nullable Caller caller;
  private final Instant now;
  private final Map<String, List<String>> parameters = new LinkedHashMap<>();

  Call(Route route, Context context, @Nullable Caller caller, Instant now) {
    this.context = context;
    this.caller = caller;
    this.now = now;
    readParameters(route);
  }

  private void readParameters(Route route) {
    Map<String, List<String>> all;
    try {
      all = context.queryParamMap();
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          Kind.BAD_REQUEST, "The part of the address after \"?\" is not encoded as one.", e);
    }
    List<String> known = route.queries().stream().map(Parameter::name).toList();
    all.forEach((name, values) -> {
      if (!known.contains(name)) {
        throw unknown(name, known);
      }
      values.forEach(value -> ensureLine(name, value));
      boolean repeated =
          route.queries().stream().anyMatch(each -> each.name().equals(name) && each.isRepeated());
      if (!repeated && values.size() > 1) {
        throw bad(
            "The parameter \"%s\" is there %s times. Name it once.".formatted(name, values.size()));
      }
      parameters.put(name, values);
    });
  }

  private static Refusal unknown(String name, List<String> known) {
    String near = Spelling.nearest(name, known);
    String meant = near == null ? "" : " Did you mean \"%s\"?".formatted(near);
    return bad(
        "The parameter \"%s\" is not known here.%s Possible are: %s."
            .formatted(
                Texts.shown(name), meant, known.isEmpty() ? "none" : String.join(", ", known)));
  }

  private static void ensureLine(String name, String value) {
    if (!Texts.isLine(value)) {
      throw bad(
          "The value \"%s\" of \"%s\" has characters that no name has."
              .formatted(Texts.shown(value), name));
    }
  }

  /** Returns a refusal of something that the address or the headers say. */
  static Refusal bad(String message) {
    return new Refusal(Kind.BAD_REQUEST, message);
  }

  Context context() {
    return context;
  }

  /** Returns who has sent it, to routes that need a role. */
  Caller caller() {
    Caller known = caller;
    if (known == null) {
      throw new IllegalStateException("The route asks for no role");
    }
    return known;
  }

  /** Returns who makes the change that is asked for, and when. */
  By by() {
    return new By(caller().name(), now);
  }

  // ---------------------------------------------------------------- what was asked

  /** Returns a variable part of the path. */
  String path(String name) {
    String value;
    try {
      value = context.pathParam(name);
    } catch (IllegalArgumentException e) {
      throw new Refusal(Kind.BAD_REQUEST, "The path of the address is not encoded as one.", e);
    }
    ensureLine(name, value);
    if (value.length() > LONGEST_PATH_PART) {
      throw bad(
          "\"%s\" is too long for a part of a path. Use at most %s characters."
              .formatted(Texts.shown(value), LONGEST_PATH_PART));
    }
    return value;
  }

  /** Returns the variable part of the path that is a number. */
  long number(String name) {
    String text = path(name);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Refusal(
          Kind.BAD_REQUEST, "\"%s\" in the path is no number.".formatted(Texts.shown(text)), e);
    }
  }

  Optional<String> parameter(String name) {
    return parameters(name).stream().findFirst();
  }

  List<String> parameters(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  /** Returns a parameter that is a number. */
  long number(String name, long otherwise, long least, long most) {
    Optional<String> text = parameter(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text.get());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // as if it were out of range
    }
    throw bad(
        "The parameter \"%s\" is \"%s\", but has to be a number from %s to %s."
            .formatted(name, Texts.shown(text.get()), least, most));
  }

  /** Returns whether a parameter is there and true. */
  boolean flag(String name) {
    return switch (parameter(name).orElse("false")) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw bad(
              "The parameter \"%s\" is \"%s\", but has to be true or false."
                  .formatted(name, Texts.shown(parameter(name).orElse(""))));
    };
  }

  /** Returns a parameter that is one of some constants. */
  <T extends Enum<T>> T choice(String name, T otherwise, List<T> values) {
    Optional<String> text = parameter(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    return values.stream()
        .filter(value -> value.name().equalsIgnoreCase(text.get()))
        .findFirst()
        .orElseThrow(() ->
            bad(
                "The parameter \"%s\" is \"%s\", but has to be %s."
                    .formatted(name, Texts.shown(text.get()), Texts.choice(values))));
  }

  /** Returns a parameter that is a moment. */
  Optional<Instant> moment(String name) {
    return parameter(name)
        .map(text -> {
          try {
            Instant moment = Instant.parse(text);
            var _ = moment.toEpochMilli();
            return moment;
          } catch (DateTimeParseException | ArithmeticException e) {
            throw new Refusal(
                Kind.BAD_REQUEST,
                "The parameter \"%s\" is \"%s\", but has to be a moment such as 2026-11-28T12:00:00Z."
                    .formatted(name, Texts.shown(text)),
                e);
          }
        });
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(context.header(name));
  }

  /** Returns the body, which has to be JSON. */
  byte[] json() throws IOException {
    String type = header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
    String media = type.split(";", 2)[0].strip();
    if (!media.isEmpty() && !media.equals("application/json") && !media.endsWith("+json")) {
      throw new Refusal(
          Kind.UNSUPPORTED_MEDIA_TYPE,
          "The body is \"%s\", but has to be JSON. Send it with the header Content-Type: application/json."
              .formatted(Texts.shown(media)));
    }
    if (header("Content-Encoding").isPresent()) {
      throw new Refusal(
          Kind.UNSUPPORTED_MEDIA_TYPE,
          "The body is encoded. Send it without the header Content-Encoding.");
    }
    if (context.req().getContentLengthLong() > MOST_BYTES) {
      throw tooLarge();
    }
    InputStream in = context.req().getInputStream();
    byte[] bytes = in.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw tooLarge();
    }
    return bytes;
  }

  private static Refusal tooLarge() {
    return new Refusal(
        Kind.TOO_LARGE,
        "The body has more than %s bytes. Split what it asks for, or upload what is large as a blob."
            .formatted(MOST_BYTES));
  }

  /** Returns JSON as text. */
  static String text(byte[] json) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    } catch (CharacterCodingException e) {
      throw new Refusal(Kind.BAD_REQUEST, "The body is not encoded in UTF-8.", e);
    }
  }

  // ---------------------------------------------------------------- the answer

  void answer(int status, JsonObject json) {
    context.status(status).contentType("application/json").result(json.toBytes());
  }
}
