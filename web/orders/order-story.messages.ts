import { messages } from '../i18n/messages.ts';

/** What became of an order, on pages of one order alone. */
export const orderStoryTexts = messages(
  {
    you: 'you',
    buyer: 'the buyer',
    heldForBuyer: 'Reserved for the buyer',
    refunds: 'Refunds',
    refundStates: { requested: 'On its way', done: 'Paid out', failed: 'Failed' },
    unusablePayment: 'This payment could not be used for the order any more, so all of it goes back.',
    refundFailed: 'The payment provider did not give it back yet. It is asked again, and the shop sees it.',
  },
  {
    you: '你',
    buyer: '买家',
    heldForBuyer: '已为买家锁定库存',
    refunds: '退款记录',
    refundStates: { requested: '处理中', done: '已到账', failed: '失败' },
    unusablePayment: '该笔付款已无法用于此订单，将全额退回。',
    refundFailed: '支付渠道暂未退款成功，系统会再次发起，店铺也能看到。',
  },
);
