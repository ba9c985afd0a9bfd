package dev.grain.cli.run;

import dev.grain.cli.run.Source.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of all jobs: the values of one source, which are read as jobs need them, or all
 * combinations of the values of several, of which only the first is read like that. Sources that
 * are linked count as one.
 *
 * @param columns what separates the columns of a line, each of which is a value; null for none
 */
record Inputs(List<Source> sources, @Nullable Pattern columns) {
  Inputs {
    sources = List.copyOf(sources);
  }

  /** Returns how many inputs there are; empty if that is not known before they are read. */
  OptionalLong count() {
    long product = 1;
    for (List<Source> group : groups()) {
      long least = Long.MAX_VALUE;
      for (Source source : group) {
        OptionalLong count = source.values().count();
        if (count.isEmpty()) {
          return count;
        }
        least = Math.min(least, count.getAsLong());
      }
      try {
        product = Math.multiplyExact(product, least);
      } catch (ArithmeticException e) {
        product = Long.MAX_VALUE;
      }
    }
    return OptionalLong.of(product);
  }

  /** Reads them, for one thread; without any source, there is one empty input. */
  Iterator<Input> open() {
    List<List<Source>> groups = groups();
    if (groups.isEmpty()) {
      return List.of(new Input(1, List.of(), "", null)).iterator();
    }
    Iterator<List<Value>> first = open(groups.getFirst());
    List<List<List<Value>>> others = new ArrayList<>();
    for (List<Source> group : groups.subList(1, groups.size())) {
      others.add(tuples(group));
    }
    return new Combinations(first, others);
  }

  private static List<List<Value>> tuples(List<Source> group) {
    if (group.size() == 1 && group.getFirst().values() instanceof Source.Known known) {
      return new Tuples(known);
    }
    List<List<Value>> tuples = new ArrayList<>();
    try {
      open(group).forEachRemaining(tuples::add);
    } catch (OutOfMemoryError e) {
      throw tooMany();
    }
    return tuples;
  }

  private static UncheckedIOException tooMany() {
    return new UncheckedIOException(
        new IOException(
            "There are too many inputs in a source other than the first one, the only one that is"
                + " read as jobs need it. Put the largest source first."));
  }

  /** Values that are made when they are needed, and not kept. */
  private static final class Tuples extends AbstractList<List<Value>> {
    private final Source.Known known;
    private final int size;

    Tuples(Source.Known known) {
      long count = known.count().orElseThrow();
      if (count > Integer.MAX_VALUE) {
        throw tooMany();
      }
      this.known = known;
      this.size = (int) count;
    }

    @Override
    public List<Value> get(int index) {
      return List.of(known.value(index));
    }

    @Override
    public int size() {
      return size;
    }
  }

  private List<List<Source>> groups() {
    List<List<Source>> groups = new ArrayList<>();
    for (Source source : sources) {
      if (!source.linked() || groups.isEmpty()) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(source);
    }
    return groups;
  }

  /** Opens sources that go along with each other, until the first of them ends. */
  private static Iterator<List<Value>> open(List<Source> group) {
    List<Iterator<Value>> all = group.stream().map(source -> source.values().open()).toList();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return all.stream().allMatch(Iterator::hasNext);
      }

      @Override
      public List<Value> next() {
        return all.stream().map(Iterator::next).toList();
      }
    };
  }

  /** Counts through the combinations, the last group fastest; for one thread. */
  private final class Combinations implements Iterator<Input> {
    private final Iterator<List<Value>> first;
    private final List<List<List<Value>>> others;
    private final int[] places;
    private final boolean empty;
    private @Nullable List<Value> current;
    private boolean carried = true;
    private long number;

    Combinations(Iterator<List<Value>> first, List<List<List<Value>>> others) {
      this.first = first;
      this.others = others;
      this.places = new int[others.size()];
      this.empty = others.stream().anyMatch(List::isEmpty);
    }

    @Override
    public boolean hasNext() {
      return !empty && (!carried || first.hasNext());
    }

    @Override
    public Input next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (carried || current == null) {
        current = first.next();
        carried = false;
      }
      List<Value> values = new ArrayList<>(current);
      for (int i = 0; i < places.length; i++) {
        values.addAll(others.get(i).get(places[i]));
      }
      advance();
      number++;
      return toInput(values);
    }

    private void advance() {
      for (int i = places.length - 1; i >= 0; i--) {
        places[i]++;
        if (places[i] < others.get(i).size()) {
          return;
        }
        places[i] = 0;
      }
      carried = true;
    }

    private Input toInput(List<Value> values) {
      String problem =
          values.stream().map(Value::problem).filter(each -> each != null).findFirst().orElse(null);
      List<String> texts = values.stream().map(Value::text).toList();
      if (columns != null) {
        return split(columns, texts.getFirst(), problem);
      }
      return new Input(number, texts, text(texts), problem);
    }

    private Input split(Pattern separator, String line, @Nullable String problem) {
      try {
        return new Input(number, Arrays.asList(separator.split(line, -1)), line, problem);
      } catch (StackOverflowError e) {
        // as that of alternatives which are repeated, with a call for each time
        return new Input(
            number,
            List.of(),
            line,
            "its line of %s characters is too long for the regular expression of --colsep"
                .formatted(line.length()));
      }
    }

    private String text(List<String> texts) {
      boolean named = sources.stream().anyMatch(source -> !source.name().isEmpty());
      if (!named) {
        return String.join(" ", texts);
      }
      List<String> words = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        String name = sources.get(i).name();
        words.add(name.isEmpty() ? texts.get(i) : name + "=" + texts.get(i));
      }
      return words.stream().collect(Collectors.joining(" "));
    }
  }
}
