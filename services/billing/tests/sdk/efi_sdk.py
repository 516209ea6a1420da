"""Efí's own SDK against the fake Efí, with mutual TLS: what it sends is understood, and what it is answered is what it knows.

Usage: efi_sdk.py make | look <txid> <e2e> <boleto> <mandate>
"""

import json
import os
import sys
from datetime import datetime, timedelta, timezone

from efipay import EfiPay
from efipay.constants import Constants
from efipay.exceptions import UnauthorizedError
import requests

Constants.APIS["PIX"]["URL"]["production"] = os.environ["PIX_URL"]
Constants.APIS["CHARGES"]["URL"]["production"] = os.environ["CHARGES_URL"]

KEY = os.environ["PIX_KEY"]
NOW = datetime.fromtimestamp(int(os.environ["NOW"]), timezone.utc)
PAYER = {"cnpj": "12ABC34501DE35", "nome": "Empresa Exemplo Ltda", "logradouro": "Avenida JK, 909", "cidade": "Ouro Preto",
         "uf": "MG", "cep": "35400000"}
TXID, DUE, TAKEN = "a" * 32, "cv" + "b" * 32, "cr" + "d" * 32


def client(**more):
    options = {
        "client_id": os.environ["CLIENT_ID"],
        "client_secret": os.environ["CLIENT_SECRET"],
        "certificate": os.environ["CERTIFICATE"],
        "sandbox": False,
    }
    return EfiPay({**options, **more})


def make():
    pix = client()
    immediate = {
        "calendario": {"expiracao": 3600},
        "devedor": {"cpf": "94271564656", "nome": "Gorbadoc Oldbuck"},
        "valor": {"original": "123.45"},
        "chave": KEY,
    }
    made = pix.pix_create_charge(params={"txid": TXID}, body=immediate)
    assert (made["txid"], made["status"], made["valor"]["original"]) == (TXID, "ATIVA", "123.45"), made
    again = pix.pix_create_charge(params={"txid": TXID}, body=immediate)
    assert again["nome"] == "txid_duplicado", again
    assert pix.pix_detail_charge(params={"txid": TXID})["pixCopiaECola"] == made["pixCopiaECola"]
    code = pix.pix_generate_qrcode(params={"id": made["loc"]["id"]})
    assert code["qrcode"] and code["imagemQrcode"].startswith("data:image/png;base64,"), code

    due = {
        "calendario": {"dataDeVencimento": (NOW + timedelta(days=7)).date().isoformat(), "validadeAposVencimento": 30},
        "devedor": PAYER,
        "valor": {"original": "10.00", "multa": {"modalidade": 2, "valorPerc": "2.00"},
                  "juros": {"modalidade": 3, "valorPerc": "1.00"}},
        "chave": KEY,
    }
    made = pix.pix_create_due_charge(params={"txid": DUE}, body=due)
    assert (made["status"], made["loc"]["tipoCob"]) == ("ATIVA", "cobv") and made["recebedor"]["uf"] == "MG", made
    assert pix.pix_detail_charge(params={"txid": DUE})["nome"] == "cobranca_nao_encontrada", "it is of the other kind"
    removed = pix.pix_update_due_charge(params={"txid": DUE}, body={"status": "REMOVIDA_PELO_USUARIO_RECEBEDOR"})
    assert removed["status"] == "REMOVIDA_PELO_USUARIO_RECEBEDOR", removed
    assert pix.pix_detail_due_charge(params={"txid": DUE})["status"] == "REMOVIDA_PELO_USUARIO_RECEBEDOR"
    due["devedor"] = {"nome": "nobody"}
    refused = pix.pix_create_due_charge(params={"txid": "cv" + "c" * 32}, body=due)
    assert refused["violacoes"][0]["propriedade"] == "cobv.devedor", refused

    place = pix.pix_create_location_recurrence_automatic(params=None, body={})
    mandate = {
        "vinculo": {"objeto": "Perpetuo", "contrato": "of the SDK", "devedor": {"cnpj": PAYER["cnpj"], "nome": PAYER["nome"]}},
        "calendario": {"dataInicial": (NOW + timedelta(days=7)).date().isoformat(), "periodicidade": "MENSAL"},
        "politicaRetentativa": "PERMITE_3R_7D",
        "loc": place["id"],
    }
    allowed = pix.pix_create_recurrence_automatic(params=None, body=mandate)
    assert allowed["status"] == "CRIADA" and len(allowed["idRec"]) == 29, allowed
    shown = pix.pix_detail_recurrence_automatic(params={"idRec": allowed["idRec"]})
    assert shown["dadosQR"]["pixCopiaECola"] and shown["vinculo"]["contrato"] == "of the SDK", shown
    mandate["calendario"]["periodicidade"] = "SOMETIMES"
    refused = pix.pix_create_recurrence_automatic(params=None, body=mandate)
    assert refused["violacoes"][0]["propriedade"] == "rec.calendario.periodicidade", refused

    # Somebody else's secret, and no certificate.
    assert isinstance(client(client_secret="wrong").pix_detail_charge(params={"txid": TXID}), UnauthorizedError)
    try:
        requests.post(os.environ["PIX_URL"] + "/oauth/token", json={})
        raise AssertionError("a certificate is asked for")
    except requests.exceptions.RequestException:
        pass

    charges = client()
    address = {"street": "Avenida JK", "number": "909", "neighborhood": "Bauxita", "zipcode": "35400000",
               "city": "Ouro Preto", "state": "MG"}
    billet = {
        "items": [{"name": "Invoice 1", "value": 5000, "amount": 1}],
        "metadata": {"custom_id": "of the SDK", "notification_url": "https://example.com/webhooks/efi/charges"},
        "payment": {"banking_billet": {
            "customer": {"name": "Gorbadoc Oldbuck", "cpf": "94271564656", "address": address},
            "expire_at": (NOW + timedelta(days=7)).date().isoformat(),
            "configurations": {"days_to_write_off": 0},
        }},
    }
    made = charges.create_one_step_charge(params=None, body=billet)["data"]
    assert (made["status"], made["total"]) == ("waiting", 5000) and made["barcode"] and made["pix"]["qrcode"], made
    print(json.dumps({"txid": TXID, "boleto": made["charge_id"], "mandate": allowed["idRec"]}))


def look(txid, e2e, boleto, mandate):
    pix = client()
    paid = pix.pix_detail_charge(params={"txid": txid})
    assert paid["status"] == "CONCLUIDA" and paid["pix"][0]["endToEndId"] == e2e, paid
    day = timedelta(days=1)
    written = lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ")
    listed = pix.pix_received_list(params={
        "inicio": written(NOW - day), "fim": written(NOW + day),
        "paginacao.paginaAtual": 0, "paginacao.itensPorPagina": 100,
    })
    assert [one["endToEndId"] for one in listed["pix"]] == [e2e], listed
    assert listed["parametros"]["paginacao"]["quantidadeDePaginas"] == 1, listed
    back = pix.pix_devolution(params={"e2eId": e2e, "id": "r1"}, body={"valor": "23.45"})
    assert (back["status"], back["valor"]) == ("EM_PROCESSAMENTO", "23.45"), back
    assert pix.pix_detail_devolution(params={"e2eId": e2e, "id": "r1"})["id"] == "r1"

    order = {
        "idRec": mandate,
        "calendario": {"dataDeVencimento": (NOW + timedelta(days=7)).date().isoformat()},
        "valor": {"original": "297.00"},
        "ajusteDiaUtil": True,
        "recebedor": {"conta": "123456", "tipoConta": "PAGAMENTO"},
    }
    taken = pix.pix_create_automatic_charge_txid(params={"txid": TAKEN}, body=order)
    assert (taken["txid"], taken["status"], taken["politicaRetentativa"]) == (TAKEN, "CRIADA", "PERMITE_3R_7D"), taken
    assert pix.pix_detail_automatic_charge(params={"txid": TAKEN})["tentativas"] == []
    left = pix.pix_update_automatic_charge(params={"txid": TAKEN}, body={"status": "CANCELADA"})
    assert left["status"] == "CANCELADA", left
    over = pix.pix_update_recurrence_automatic(params={"idRec": mandate}, body={"status": "CANCELADA"})
    assert over["status"] == "CANCELADA", over

    charges = client()
    paid = charges.detail_charge(params={"id": boleto})["data"]
    assert (paid["status"], paid["payment"]["paid_value"]) == ("paid", 5000), paid
    told = charges.get_notification(params={"token": "token-of-the-sdk"})["data"]
    assert told[-1]["identifiers"]["charge_id"] == int(boleto) and told[-1]["custom_id"] == "of the SDK", told
    today = NOW.date().isoformat()
    listed = charges.list_charges(params={"charge_type": "billet", "begin_date": today, "end_date": today,
                                          "page": 1, "limit": 100})
    assert [one["id"] for one in listed["data"]] == [int(boleto)], listed
    print("{}")


if __name__ == "__main__":
    {"make": make, "look": look}[sys.argv[1]](*sys.argv[2:])
