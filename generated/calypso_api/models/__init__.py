"""Every object and every enum of the document, each imported on first use."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .account import Account
    from .balance import Balance
    from .by_customer_id_payload import ByCustomerIdPayload
    from .by_customer_id_request import ByCustomerIdRequest
    from .by_request_id_payload import ByRequestIdPayload
    from .by_request_id_request import ByRequestIdRequest
    from .by_transaction_id_payload import ByTransactionIdPayload
    from .by_transaction_id_request import ByTransactionIdRequest
    from .compliance_state import ComplianceState
    from .create_customer_payload import CreateCustomerPayload
    from .create_customer_request import CreateCustomerRequest
    from .currency import Currency
    from .customer import Customer
    from .deposit_address import DepositAddress
    from .empty_request import EmptyRequest
    from .error_response import ErrorResponse
    from .fiat_amount import FiatAmount
    from .find_transactions_payload import FindTransactionsPayload
    from .find_transactions_request import FindTransactionsRequest
    from .get_address_payload import GetAddressPayload
    from .get_address_request import GetAddressRequest
    from .notification import Notification
    from .notification_event_type import NotificationEventType
    from .notification_level import NotificationLevel
    from .notification_service_type import NotificationServiceType
    from .purse import Purse
    from .purse_compliance_declined_event import PurseComplianceDeclinedEvent
    from .purse_deposit_data import PurseDepositData
    from .purse_expired_data import PurseExpiredData
    from .purse_expired_event import PurseExpiredEvent
    from .purse_funds_received_event import PurseFundsReceivedEvent
    from .purse_mem_pool_found_data import PurseMemPoolFoundData
    from .purse_mem_pool_found_event import PurseMemPoolFoundEvent
    from .purse_pending_compliance_event import PursePendingComplianceEvent
    from .purse_status import PurseStatus
    from .purse_translation_completed_event import PurseTranslationCompletedEvent
    from .sort_direction import SortDirection
    from .string_filter import StringFilter
    from .subscription import Subscription
    from .subscription_list import SubscriptionList
    from .subscription_payload import SubscriptionPayload
    from .subscription_request import SubscriptionRequest
    from .top_up_compliance_declined_event import TopUpComplianceDeclinedEvent
    from .top_up_data import TopUpData
    from .top_up_pending_compliance_event import TopUpPendingComplianceEvent
    from .transaction import Transaction
    from .transaction_page import TransactionPage
    from .transaction_state import TransactionState
    from .transaction_state_filter import TransactionStateFilter
    from .update_customer_payload import UpdateCustomerPayload
    from .update_customer_request import UpdateCustomerRequest
    from .wallet_funds_delivered_data import WalletFundsDeliveredData
    from .wallet_funds_delivered_event import WalletFundsDeliveredEvent
else:
    from .._lazy import attach as _attach

    __getattr__, __dir__ = _attach(
        __name__,
        {
            "Account": ".account",
            "Balance": ".balance",
            "ByCustomerIdPayload": ".by_customer_id_payload",
            "ByCustomerIdRequest": ".by_customer_id_request",
            "ByRequestIdPayload": ".by_request_id_payload",
            "ByRequestIdRequest": ".by_request_id_request",
            "ByTransactionIdPayload": ".by_transaction_id_payload",
            "ByTransactionIdRequest": ".by_transaction_id_request",
            "ComplianceState": ".compliance_state",
            "CreateCustomerPayload": ".create_customer_payload",
            "CreateCustomerRequest": ".create_customer_request",
            "Currency": ".currency",
            "Customer": ".customer",
            "DepositAddress": ".deposit_address",
            "EmptyRequest": ".empty_request",
            "ErrorResponse": ".error_response",
            "FiatAmount": ".fiat_amount",
            "FindTransactionsPayload": ".find_transactions_payload",
            "FindTransactionsRequest": ".find_transactions_request",
            "GetAddressPayload": ".get_address_payload",
            "GetAddressRequest": ".get_address_request",
            "Notification": ".notification",
            "NotificationEventType": ".notification_event_type",
            "NotificationLevel": ".notification_level",
            "NotificationServiceType": ".notification_service_type",
            "Purse": ".purse",
            "PurseComplianceDeclinedEvent": ".purse_compliance_declined_event",
            "PurseDepositData": ".purse_deposit_data",
            "PurseExpiredData": ".purse_expired_data",
            "PurseExpiredEvent": ".purse_expired_event",
            "PurseFundsReceivedEvent": ".purse_funds_received_event",
            "PurseMemPoolFoundData": ".purse_mem_pool_found_data",
            "PurseMemPoolFoundEvent": ".purse_mem_pool_found_event",
            "PursePendingComplianceEvent": ".purse_pending_compliance_event",
            "PurseStatus": ".purse_status",
            "PurseTranslationCompletedEvent": ".purse_translation_completed_event",
            "SortDirection": ".sort_direction",
            "StringFilter": ".string_filter",
            "Subscription": ".subscription",
            "SubscriptionList": ".subscription_list",
            "SubscriptionPayload": ".subscription_payload",
            "SubscriptionRequest": ".subscription_request",
            "TopUpComplianceDeclinedEvent": ".top_up_compliance_declined_event",
            "TopUpData": ".top_up_data",
            "TopUpPendingComplianceEvent": ".top_up_pending_compliance_event",
            "Transaction": ".transaction",
            "TransactionPage": ".transaction_page",
            "TransactionState": ".transaction_state",
            "TransactionStateFilter": ".transaction_state_filter",
            "UpdateCustomerPayload": ".update_customer_payload",
            "UpdateCustomerRequest": ".update_customer_request",
            "WalletFundsDeliveredData": ".wallet_funds_delivered_data",
            "WalletFundsDeliveredEvent": ".wallet_funds_delivered_event",
        },
    )

__all__ = (
    "Account",
    "Balance",
    "ByCustomerIdPayload",
    "ByCustomerIdRequest",
    "ByRequestIdPayload",
    "ByRequestIdRequest",
    "ByTransactionIdPayload",
    "ByTransactionIdRequest",
    "ComplianceState",
    "CreateCustomerPayload",
    "CreateCustomerRequest",
    "Currency",
    "Customer",
    "DepositAddress",
    "EmptyRequest",
    "ErrorResponse",
    "FiatAmount",
    "FindTransactionsPayload",
    "FindTransactionsRequest",
    "GetAddressPayload",
    "GetAddressRequest",
    "Notification",
    "NotificationEventType",
    "NotificationLevel",
    "NotificationServiceType",
    "Purse",
    "PurseComplianceDeclinedEvent",
    "PurseDepositData",
    "PurseExpiredData",
    "PurseExpiredEvent",
    "PurseFundsReceivedEvent",
    "PurseMemPoolFoundData",
    "PurseMemPoolFoundEvent",
    "PursePendingComplianceEvent",
    "PurseStatus",
    "PurseTranslationCompletedEvent",
    "SortDirection",
    "StringFilter",
    "Subscription",
    "SubscriptionList",
    "SubscriptionPayload",
    "SubscriptionRequest",
    "TopUpComplianceDeclinedEvent",
    "TopUpData",
    "TopUpPendingComplianceEvent",
    "Transaction",
    "TransactionPage",
    "TransactionState",
    "TransactionStateFilter",
    "UpdateCustomerPayload",
    "UpdateCustomerRequest",
    "WalletFundsDeliveredData",
    "WalletFundsDeliveredEvent",
)
