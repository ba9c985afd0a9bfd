package dev.grain.session;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.resource.internal.Holdings;
import java.util.List;

/** What a session knows of a message: its job, how large it is, and its byte sequences. */
final class MessageFields {
  /** The job of a message that is about none. */
  static final long NO_JOB = -1;

  /** More than a message takes when it is encoded, apart from its byte sequences and texts. */
  private static final int FIXED = 96;

  /** Stands for no code in place of a hash, which is longer. */
  static final Bytes NO_CODE = Bytes.utf8("none");

  private MessageFields() {}

  /** Returns the number of the job that the message is about. */
  static long job(Message message) {
    return switch (message) {
      case Order order -> order.number();
      case Message.TakeBack takeBack -> takeBack.job();
      case Message.Stop stop -> stop.job();
      case Message.Settled settled -> settled.job();
      case Message.Holding holding -> holding.job();
      case Message.Started started -> started.job();
      case Message.Freed freed -> freed.job();
      case Message.Ended ended -> ended.job();
      case Message.Returned returned -> returned.job();
      case Message.NotStopping refusing -> refusing.job();
      case Message.Output output -> output.job();
      case Message.Preparing preparing -> preparing.job();
      case Message.CodeContent _,
          Message.CodeMissing _,
          Message.RunOver _,
          Message.NeedCode _,
          Message.NeedLogin _,
          Message.LoginAnswer _,
          Message.Drain _,
          Message.Draining _,
          Message.HoldingAll _,
          Message.OthersHold _ ->
          NO_JOB;
    };
  }

  /** Returns a number of bytes that the encoded message does not exceed. */
  static long size(Message message) {
    return FIXED
        + switch (message) {
          case Order order -> size(order);
          case Message.CodeContent code -> code.hash().length() + code.content().length();
          case Message.CodeMissing missing ->
              missing.hash().length() + MessageCodec.mostBytes(missing.reason());
          case Message.RunOver(String run) -> MessageCodec.mostBytes(run);
          case Message.LoginAnswer answer -> size(answer);
          case Message.Ended(_, _, AttemptEnd.NotStarted(String reason), _) ->
              MessageCodec.mostBytes(reason);
          case Message.Ended(_, _, AttemptEnd.Unable(String reason), _) ->
              MessageCodec.mostBytes(reason);
          case Message.Ended(_, _, AttemptEnd.Unprepared(String reason), _) ->
              MessageCodec.mostBytes(reason);
          case Message.Ended ended -> value(ended.end()).length();
          case Message.Output output -> output.text().length();
          case Message.NeedCode need -> need.hash().length();
          case Message.NeedLogin(String run, _, String target) ->
              MessageCodec.mostBytes(run) + MessageCodec.mostBytes(target);
          case Message.Preparing(_, _, String phase) -> MessageCodec.mostBytes(phase);
          case Message.OthersHold(Holdings holdings, _) -> holdings.encode().length();
          case Message.Holding holding -> holding.fractions().encodeUnits().length();
          case Message.TakeBack _,
              Message.Stop _,
              Message.Settled _,
              Message.HoldingAll _,
              Message.Started _,
              Message.Freed _,
              Message.Returned _,
              Message.NotStopping _,
              Message.Drain _,
              Message.Draining _ ->
              0;
        };
  }

  private static long size(Order order) {
    Order.Spec spec = order.spec();
    return MessageCodec.mostBytes(order.run())
        + MessageCodec.mostBytes(spec.name())
        + spec.demand().encode().length()
        + spec.work().content().length()
        + hash(spec.setting().code()).length()
        + size(spec.setting().isolation())
        + spec.setting().needs().length()
        + order.input().length();
  }

  private static long size(Message.LoginAnswer answer) {
    LoginResult result = answer.result();
    String text =
        switch (result) {
          case LoginResult.None _ -> "";
          case LoginResult.Refused(String reason) -> reason;
          case LoginResult.Password(String user, Bytes _) -> user;
          case LoginResult.SshKey(String user, Bytes _) -> user;
        };
    return MessageCodec.mostBytes(answer.run())
        + MessageCodec.mostBytes(answer.target())
        + MessageCodec.mostBytes(text)
        + result.value().length();
  }

  private static long size(Isolation isolation) {
    return switch (isolation) {
      case Isolation.None _ -> 0;
      case Isolation.Jvm(Bytes setting) -> setting.length();
      case Isolation.Container(Bytes setting) -> setting.length();
      case Isolation.Apptainer(Bytes setting) -> setting.length();
    };
  }

  /**
   * Returns the hash of a bundle; empty for the classes of the node's own process, and a short text
   * for none of the program.
   */
  static Bytes hash(CodeRef code) {
    return switch (code) {
      case CodeRef.None _ -> NO_CODE;
      case CodeRef.Own _ -> Bytes.empty();
      case CodeRef.Bundle(Bytes hash) -> hash;
    };
  }

  /** Returns the byte sequences of the message, in an order that belongs to the protocol. */
  static List<Bytes> values(Message message) {
    return switch (message) {
      case Order order ->
          List.of(
              order.spec().work().content(), order.input(), hash(order.spec().setting().code()));
      case Message.CodeContent(Bytes hash, Bytes content) -> List.of(hash, content);
      case Message.CodeMissing(Bytes hash, _) -> List.of(hash);
      case Message.Ended ended -> List.of(value(ended.end()));
      case Message.Output output -> List.of(output.text());
      case Message.NeedCode(Bytes hash) -> List.of(hash);
      case Message.LoginAnswer answer -> List.of(answer.result().value());
      case Message.TakeBack _,
          Message.Stop _,
          Message.Settled _,
          Message.Holding _,
          Message.HoldingAll _,
          Message.RunOver _,
          Message.Started _,
          Message.Freed _,
          Message.Returned _,
          Message.NotStopping _,
          Message.Preparing _,
          Message.NeedLogin _,
          Message.Drain _,
          Message.Draining _,
          Message.OthersHold _ ->
          List.of();
    };
  }

  /**
   * Returns the message with other byte sequences.
   *
   * @param values as many as {@link #values} returns for it
   */
  static Message with(Message message, List<Bytes> values) {
    return switch (message) {
      case Order order -> with(order, values.get(0), values.get(1), values.get(2));
      case Message.CodeContent _ -> new Message.CodeContent(values.get(0), values.get(1));
      case Message.CodeMissing(_, String reason) ->
          new Message.CodeMissing(values.getFirst(), reason);
      case Message.Ended(long job, int attempt, AttemptEnd end, long ran) ->
          new Message.Ended(job, attempt, with(end, values.getFirst()), ran);
      case Message.Output(long job, int attempt, _, boolean error) ->
          new Message.Output(job, attempt, values.getFirst(), error);
      case Message.NeedCode _ -> new Message.NeedCode(values.getFirst());
      case Message.LoginAnswer(
              String run,
              Message.Service service,
              String target,
              LoginResult result) ->
          new Message.LoginAnswer(run, service, target, result.with(values.getFirst()));
      case Message.TakeBack _,
          Message.Stop _,
          Message.Settled _,
          Message.Holding _,
          Message.HoldingAll _,
          Message.RunOver _,
          Message.Started _,
          Message.Freed _,
          Message.Returned _,
          Message.NotStopping _,
          Message.Preparing _,
          Message.NeedLogin _,
          Message.Drain _,
          Message.Draining _,
          Message.OthersHold _ ->
          message;
    };
  }

  private static Order with(Order order, Bytes content, Bytes input, Bytes hash) {
    Order.Spec spec = order.spec();
    Work work = spec.work();
    boolean same = content.equals(work.content()) && hash.equals(hash(spec.setting().code()));
    Order.Spec other =
        same
            ? spec
            : new Order.Spec(
                spec.name(),
                spec.demand(),
                spec.limits(),
                switch (work) {
                  case Work.Call call -> new Work.Call(content, call.platformThread());
                  case Work.Command _ -> new Work.Command(content);
                },
                MessageCodec.setting(hash, spec.setting().isolation(), spec.setting().needs()));
    return new Order(
        order.run(), order.job(), order.number(), order.attempt(), order.alone(), other, input);
  }

  private static Bytes value(AttemptEnd end) {
    return switch (end) {
      case AttemptEnd.Value(Bytes value) -> value;
      case AttemptEnd.Failure(Bytes failure, String _) -> failure;
      case AttemptEnd.TimedOut _,
          AttemptEnd.OutOfMemory _,
          AttemptEnd.Cancelled _,
          AttemptEnd.NotStarted _,
          AttemptEnd.Unable _,
          AttemptEnd.Unprepared _ ->
          Bytes.empty();
    };
  }

  private static AttemptEnd with(AttemptEnd end, Bytes value) {
    return switch (end) {
      case AttemptEnd.Value _ -> new AttemptEnd.Value(value);
      case AttemptEnd.Failure(Bytes _, String words) -> new AttemptEnd.Failure(value, words);
      case AttemptEnd.TimedOut _,
          AttemptEnd.OutOfMemory _,
          AttemptEnd.Cancelled _,
          AttemptEnd.NotStarted _,
          AttemptEnd.Unable _,
          AttemptEnd.Unprepared _ ->
          end;
    };
  }
}
