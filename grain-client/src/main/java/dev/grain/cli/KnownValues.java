package dev.grain.cli;

import java.util.List;

/** KnownValues that are known beforehand, as texts. */
public interface KnownValues {
  /** Returns how many there are. */
  long count();

  /** Returns one of them, counted from 0. */
  String value(long place);

  /** Those of a list. */
  record Listed(List<String> texts) implements KnownValues {
    /** Makes them of texts. */
    public Listed {
      texts = List.copyOf(texts);
    }

    @Override
    public long count() {
      return texts.size();
    }

    @Override
    public String value(long place) {
      return texts.get((int) place);
    }
  }
}
