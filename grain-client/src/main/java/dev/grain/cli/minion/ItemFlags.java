package dev.grain.cli.minion;

import dev.grain.cli.Converters;
import dev.grain.cli.LineReader;
import dev.grain.cli.Mistake;
import dev.grain.cli.SweptValues;
import dev.grain.cli.WholeNumbers;
import dev.grain.text.Exceptions;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The flags for the items that fill a queue. Picocli sets them once. */
final class ItemFlags {
  /** The longest line: as long as an array. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  @Option(
      names = "--range",
      paramLabel = "A..B[:STEP]",
      description = "An item for each whole number from A to B.")
  @Nullable String range;

  @Option(
      names = "--lines",
      paramLabel = "FILE",
      description = "An item for each line of the file; - reads standard input.")
  @Nullable String lines;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "An item for each JSON value of the file, and for each element of an array; - reads standard"
              + " input.")
  @Nullable String json;

  @Option(
      names = "--sweep",
      paramLabel = "NAME=V,...",
      description =
          "An item for each combination of values, as a JSON object. " + SweptValues.FORMS)
  List<String> sweeps = new ArrayList<>();

  @Option(
      names = "--sweep-file",
      paramLabel = "FILE",
      description =
          "An item for each combination of an object, in YAML or JSON, with a list of values for each"
              + " name. An object in place of a list has parameters that are explored for one value alone.")
  @Nullable String sweepFile;

  @Option(
      names = "--sample",
      paramLabel = "N",
      converter = Converters.WholeNumber.class,
      description = "Take only N items of a range or sweep, at random.")
  @Nullable Integer sample;

  @Option(names = "--seed", paramLabel = "S", description = "Determines the sample. Default: 0.")
  long seed;

  ItemFlags() {}

  /**
   * Returns whether they name items.
   *
   * @throws Mistake if they name none, but a sample of them
   */
  boolean isGiven() {
    boolean given =
        range != null || lines != null || json != null || !sweeps.isEmpty() || sweepFile != null;
    if (!given && sample != null) {
      throw new Mistake(
          "--sample needs items to choose from. Add --range, --sweep or --sweep-file.");
    }
    return given;
  }

  /**
   * Returns the items.
   *
   * @param folder where files are
   * @throws Mistake if the flags do not name items, or name several sources
   */
  Items items(Path folder, InputStream in) {
    List<String> named = new ArrayList<>();
    add(named, "--range", range != null);
    add(named, "--lines", lines != null);
    add(named, "--json", json != null);
    add(named, "--sweep", !sweeps.isEmpty());
    add(named, "--sweep-file", sweepFile != null);
    if (named.size() > 1) {
      throw new Mistake(
          "%s and %s exclude each other. Fill the queue twice."
              .formatted(named.get(0), named.get(1)));
    }
    if (lines != null) {
      String file = lines;
      ensureNoSample();
      return new Items.Read(() -> lines(file, open(folder, file, in)));
    }
    if (json != null) {
      String file = json;
      ensureNoSample();
      return new Items.Read(() -> json(file, open(folder, file, in)));
    }
    Items.Numbered items =
        range != null
            ? range(range)
            : sweepFile == null ? Sweep.parse(sweeps).items() : ofFile(folder);
    if (sample == null) {
      return items;
    }
    if (sample < 1) {
      throw new Mistake("--sample is %s. Take at least 1 item.".formatted(sample));
    }
    return items.sample(sample, seed);
  }

  private static void add(List<String> named, String option, boolean given) {
    if (given) {
      named.add(option);
    }
  }

  private void ensureNoSample() {
    if (sample != null) {
      throw new Mistake(
          "--sample cannot be used with --lines or --json, whose items are not known beforehand. Use"
              + " it with --range, --sweep or --sweep-file.");
    }
  }

  private Items.Numbered ofFile(Path folder) {
    Path file = folder.resolve(String.valueOf(sweepFile));
    try {
      return Sweep.of(file, Files.readString(file)).items();
    } catch (IOException e) {
      throw new Mistake("--sweep-file: %s cannot be read: %s".formatted(file, Exceptions.brief(e)));
    }
  }

  private static Items.Numbered range(String text) {
    WholeNumbers numbers = WholeNumbers.parse(text);
    if (numbers == null) {
      throw new Mistake("--range: '%s' is not A..B, such as 0..9 or 0..100:10.".formatted(text));
    }
    return new Items.Numbered(numbers.count(), numbers::value);
  }

  private static InputStream open(Path folder, String file, InputStream in) {
    if (file.equals("-")) {
      return in;
    }
    try {
      return new FileInputStream(folder.resolve(file).toFile());
    } catch (FileNotFoundException e) {
      throw new Mistake("The file %s does not exist, or cannot be read.".formatted(file));
    }
  }

  /** Returns lines as they are, without their ends. */
  private static Iterator<byte[]> lines(String file, InputStream in) {
    LineReader reader = new LineReader(in, (byte) '\n', LONGEST);
    return new Reading(file) {
      @Override
      byte @Nullable [] read() throws IOException {
        byte[] line = reader.next();
        int length = line == null ? 0 : line.length;
        return line != null && length > 0 && line[length - 1] == '\r'
            ? Arrays.copyOf(line, length - 1)
            : line;
      }
    };
  }

  private static Iterator<byte[]> json(String file, InputStream in) {
    // what follows a value is the next one
    JsonMapper mapper =
        JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    JsonParser parser = mapper.createParser(in);
    return new Reading(file) {
      private boolean inArray;

      @Override
      byte @Nullable [] read() {
        try {
          JsonToken token = parser.nextToken();
          while (token == (inArray ? JsonToken.END_ARRAY : JsonToken.START_ARRAY)) {
            inArray = !inArray;
            token = parser.nextToken();
          }
          if (token == null) {
            parser.close();
            return null;
          }
          JsonNode value = mapper.readTree(parser);
          return mapper.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
        } catch (JacksonException e) {
          throw wrong(file, e);
        }
      }
    };
  }

  private static Mistake wrong(String file, JacksonException e) {
    TokenStreamLocation where = e.getLocation();
    return new Mistake(
        "The JSON of %s is wrong%s: %s."
            .formatted(
                name(file),
                where == null ? "" : " in line " + where.getLineNr(),
                e.getOriginalMessage()));
  }

  private static String name(String file) {
    return file.equals("-") ? "standard input" : file;
  }

  /** Items that are read one by one. */
  private abstract static class Reading implements Iterator<byte[]> {
    private final String file;
    private byte @Nullable [] next;
    private boolean looked;

    Reading(String file) {
      this.file = file;
    }

    /** Returns the next one; null at the end. */
    abstract byte @Nullable [] read() throws IOException;

    @Override
    public boolean hasNext() {
      if (!looked) {
        looked = true;
        try {
          next = read();
        } catch (IOException e) {
          throw new UncheckedIOException(
              "Reading %s failed: %s.".formatted(name(file), e.getMessage()), e);
        }
      }
      return next != null;
    }

    @Override
    public byte[] next() {
      byte[] found = hasNext() ? next : null;
      if (found == null) {
        throw new NoSuchElementException();
      }
      looked = false;
      return found;
    }
  }
}
